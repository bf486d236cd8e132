"""One contract, two ways: the same program meets the same on the file system and under the Python shim.

Equal are the operations and what they meet, what the program is told, and what is on the disk afterwards. Left out is
what is the kernel's own business: how many reads it asks for, and that it asks twice for a large write that does not
begin at a page (so lines here are of 64 bytes, and a large write is not cut short).
"""

import json
import os
import signal
import stat
import subprocess

import pytest

from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shim import PythonShim
from tests.engine.conftest import usable_python

from .conftest import NOBODY

pytestmark = [pytest.mark.linux, pytest.mark.root]

#: Says each thing that it is told, and goes on.
BEGINNING = """
import json, os, pathlib, shutil, sys, tempfile
os.umask(0o022)
os.chdir(sys.argv[1])

def do(function, *arguments, **more):
    try:
        print(repr(function(*arguments, **more)), flush=True)
    except OSError as problem:
        print(type(problem).__name__, problem, flush=True)

def save(name, content):
    with open(name + ".tmp", "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(name + ".tmp", name)
"""

PROGRAMS = {
    "saves": """
for number in range(4):
    do(save, "state.json", json.dumps({"n": number}))
""",
    "buffers": """
def lines():
    with open("lines", "w") as stream:
        for number in range(512):
            stream.write(f"{number:63}\\n")
def more():
    with open("lines", "ab") as stream:
        stream.write(b"x" * 20000)
do(lines)
do(more)
do(lambda: os.stat("lines").st_size)
""",
    "descriptors": """
def raw():
    d = os.open("raw", os.O_RDWR | os.O_CREAT, 0o640)
    try:
        told = [os.write(d, b"abcdef"), os.pwrite(d, b"XY", 2), os.writev(d, [b"12", b"345"])]
        os.fdatasync(d); os.fsync(d); os.ftruncate(d, 9)
        return told, os.pread(d, 100, 0)
    finally:
        os.close(d)
do(raw)
do(os.truncate, "raw", 3)
def folder():
    d = os.open(".", os.O_RDONLY)
    os.fsync(d)
    os.close(d)
do(folder)
""",
    "names": """
do(os.mkdir, "d")
do(os.mkdir, "d")
do(pathlib.Path("d/a").write_text, "one")
do(os.link, "d/a", "d/b")
do(os.symlink, "a", "d/l")
do(pathlib.Path("d/l").write_text, "two")
do(os.rename, "d/a", "e")
do(os.rename, "no such", "e2")
do(os.unlink, "d/b")
do(os.remove, "d/b")
do(os.rmdir, "d")
do(os.unlink, "d/l")
do(os.unlink, "d")
do(os.rmdir, "d")
do(os.chmod, "e", 0o600)
do(os.utime, "e", (1, 2))
do(open, "x/y", "w")
do(open, ".", "w")
do(lambda: open("e", "x"))
do(lambda: open("f", "x").close())
""",
    "an open file keeps its name": """
def moved():
    with open("a", "w", buffering=1) as stream:
        stream.write("one\\n")
        os.rename("a", "b")
        stream.write("two\\n")
        os.unlink("b")
        stream.write("three\\n")
do(moved)
""",
    "library": """
def temporary():
    with tempfile.NamedTemporaryFile("w", dir=".", prefix="t", suffix=".x", delete=False) as stream:
        stream.write("hello")
    os.replace(stream.name, "kept")
tempfile._get_candidate_names = lambda: iter("abc")
do(temporary)
do(shutil.copyfile, "kept", "copy")
do(os.makedirs, "p/q/r")
do(pathlib.Path("p/q/r/s").touch)
do(shutil.move, "copy", "p/moved")
do(shutil.rmtree, "p")
""",
    "at once": """
do(pathlib.Path("a").write_bytes, b"x" * 2500000)
""",
    "in place": """
do(pathlib.Path("a").write_bytes, b"0123456789" * 1000)
def change():
    with open("a", "r+b") as stream:
        stream.seek(5)
        stream.write(b"-----")
        stream.seek(0)
        first = stream.read(12)
        stream.truncate(7)
        return first
do(change)
do(pathlib.Path("a").read_bytes)
""",
}

RULES = {
    "none": [],
    "no room for writes": [{"on": ["write"], "errno": "ENOSPC"}],
    "no room once": [{"on": ["write"], "errno": "ENOSPC", "at": 2}],
    "a broken disk from some time on": [{"on": ["metadata", "write", "sync"], "errno": "EIO", "from": 4}],
    "nothing is renamed": [{"on": ["rename"], "errno": "EROFS"}],
    "nothing is made durable": [{"on": ["sync"], "errno": "EIO"}],
    "no more files": [{"on": ["create", "mkdir", "link", "symlink"], "errno": "EDQUOT", "from": 2}],
    "short": [{"on": ["write"], "short_write": 3}],
    "short once": [{"on": ["write"], "short_write": 2, "at": 2}],
    "late": [
        {"on": ["metadata"], "delay": 0.001},
        {"on": ["write"], "path": "*.tmp", "delay_between": [0, 0.001]},
    ],
    "dead before the third": [{"on": ["any"], "kill": "before", "at": 3}],
    "dead after the third": [{"on": ["any"], "kill": "after", "at": 3}],
    "dead in a write": [{"on": ["write"], "kill": "after", "at": 2}],
    "dead in the middle of a write": [{"on": ["write"], "kill": "half", "at": 1}],
    "full in the middle of a write": [{"on": ["write"], "errno": "ENOSPC", "half": True, "at": 1}],
    "frozen for a moment": [{"on": ["any"], "freeze": 0.05, "at": 2}],
}


def run(folder, program, environment):
    """What the program says and how it ends."""
    done = subprocess.run(
        [usable_python(), "-c", BEGINNING + program, str(folder)],
        env={"PATH": os.defpath, **environment},
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.replace(str(folder), "FOLDER"), done.returncode


def tree(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        kind = stat.S_IFMT(status.st_mode)
        content = path.readlink().name if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (kind, stat.S_IMODE(status.st_mode), status.st_uid, content)
    return found


KEYS = ("op", "path", "to", "size", "done", "error", "killed", "rules", "truncates")


def operations(log):
    kept = []
    for line in log.read_text().splitlines():
        one = json.loads(line)
        if one.get("op", "read") != "read":
            kept.append({key: one.get(key) for key in KEYS})
    return kept


def without_reads(figures):
    counted = {name: count for name, count in figures.operations.items() if name != "read"}
    return counted, [met for met, _ in figures.rules]


def seen(folder, item, said):
    return {
        "said": said[0],
        "exit": said[1],
        "figures": without_reads(item.figures()),
        "operations": operations(item.log),
        "tree": tree(folder),
    }


@pytest.fixture
def both(stand, place):
    """``both(program, rules)``: what is seen of it, first on the file system, then under the shim."""

    def run_both(program, rules):
        stood = stand(rules)
        said = run(stood.top, program, {})
        stood.mounted.take_away()
        by_fuse = seen(stood.top, stood.mounted, said)

        for name in ("again", "notes"):
            (place / name).mkdir()
        folder = place / "again"
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
        environment = {}
        notes = place / "notes"
        one = PythonShim(
            Order(folder, "", rules, NOBODY.pw_uid, notes, notes, "test/one", "one"), environment
        )
        said = run(folder, program, environment)
        assert one.died() is None
        one.take_away()
        by_python = seen(folder, one, said)
        return by_fuse, by_python

    return run_both


LARGE = ("at once", "buffers", "in place")
CUT = ("short", "short once", "dead in the middle of a write", "full in the middle of a write")
PAIRS = [
    (program, rules) for program in PROGRAMS for rules in RULES if not (program in LARGE and rules in CUT)
]


@pytest.mark.parametrize(("program", "rules"), PAIRS, ids=map(" - ".join, PAIRS))
def test_both_ways_are_one(both, program, rules):
    by_fuse, by_python = both(PROGRAMS[program], RULES[rules])
    assert by_python == by_fuse


def test_a_killed_one_is_killed_in_both(both):
    by_fuse, by_python = both(PROGRAMS["saves"], RULES["dead before the third"])
    assert by_fuse["exit"] == by_python["exit"] == -signal.SIGKILL
