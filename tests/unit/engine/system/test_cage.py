"""The control groups of an arena: what is in them is ended as a whole, whatever it does to be overlooked."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet_stress.system import cage, cgroups, process
from fleet_stress.system.cage import BESIDE, BOT, Cage
from tests.unit.engine.system.adversary import goes_on, program

pytestmark = [pytest.mark.root, pytest.mark.linux]

#: Which hierarchies of this machine the arena may use, and what its kernel lacks.
WAYS = {
    "version 2": (("cgroup2", "pids"), ()),
    "version 2 before Linux 5.14": (("cgroup2", "pids"), ("cgroup.kill",)),
    "version 2 before Linux 5.2": (("cgroup2", "pids"), ("cgroup.kill", "cgroup.freeze")),
    "version 1, freezer": (("freezer",), ()),
    "version 1, pids alone": (("pids",), ()),
}


@pytest.fixture
def mounts(tmp_path):
    """``mounts("cgroup2", …)``: this machine's table of mounts, with only these hierarchies."""

    def only(*kinds):
        roots = cgroups.roots()
        missing = [kind for kind in kinds if kind not in roots]
        if missing:
            pytest.skip(f"this machine has no hierarchy for {', '.join(missing)}")
        table = tmp_path / "mounts"
        words = [
            f"none {roots[kind]} {'cgroup2' if kind == 'cgroup2' else 'cgroup'} rw,{kind} 0 0"
            for kind in kinds
        ]
        table.write_text("\n".join(words))
        return table

    return only


@pytest.fixture
def caged(tmp_path, mounts, user):
    """``caged(kinds, name, code)``: a cage, and Python code that the bots' user runs in it."""
    made, running = [], []

    def start(kinds, name, code, most=500):
        inside = Cage(f"test{os.getpid()}/{tmp_path.name}", mounts(*kinds))
        made.append(inside)
        inside.make(most)
        process.confine(inside.doors(BESIDE))
        groups = [cgroups.Group("", 0, path) for path in inside.doors(name)[:1]]
        with cgroups.doors(groups) as doors:
            started = process.start(
                ["/usr/bin/python3", "-c", code],
                user=user,
                folder=Path("/"),
                environment={},
                stdout=sys.stderr.fileno(),
                stderr=sys.stderr.fileno(),
                groups=doors,
            )
        running.append(started)
        return inside, started

    yield start
    process.confine([])
    for inside in made:
        for path in reversed(inside.paths()):
            cage.end(path)
    for started in running:
        started.wait()


@pytest.fixture
def beat(tmp_path, user):
    """A file that the bots' user may write."""
    path = Path("/var/tmp") / f"fleet-stress-beat-{os.getpid()}"
    path.write_bytes(b"")
    os.chown(path, user.uid, user.gid)
    yield path
    path.unlink()


@pytest.mark.parametrize("way", WAYS)
def test_a_process_that_never_stays_ends_with_its_group(caged, beat, way, monkeypatch):
    kinds, lacking = WAYS[way]
    write = cage._write
    monkeypatch.setattr(cage, "_write", lambda path, word: path.name not in lacking and write(path, word))
    inside, started = caged(kinds, BOT, program(beat))
    assert started.wait() == 0
    assert goes_on(beat)
    assert inside.bots()

    for path in reversed(inside.paths()):
        cage.end(path)

    assert not goes_on(beat)
    assert not any(path.exists() for path in inside.paths())


@pytest.mark.parametrize("way", WAYS)
def test_the_bot_is_ended_without_what_is_beside_it_and_can_be_started_again(caged, beat, way, monkeypatch):
    kinds, lacking = WAYS[way]
    write = cage._write
    monkeypatch.setattr(cage, "_write", lambda path, word: path.name not in lacking and write(path, word))
    _, companion = caged(kinds, BESIDE, "import time; time.sleep(600)")
    inside, started = caged(kinds, BOT, program(beat))
    assert started.wait() == 0
    assert goes_on(beat)

    inside.end_bots()

    assert not goes_on(beat)
    assert inside.bots() == set()
    assert companion.poll() is None
    _, again = caged(kinds, BOT, "import os; os.wait() if os.fork() else None")
    assert again.wait() == 0


def test_no_more_processes_than_its_limit_and_what_was_refused_is_counted(caged):
    code = """
import os, time
born = 0
while True:
    try:
        if not os.fork():
            time.sleep(600)
    except BlockingIOError:
        break
    born += 1
print(born, file=open(os.devnull, "w"))
os._exit(born)
"""
    inside, started = caged(("cgroup2", "pids"), BOT, code, most=40)

    assert started.wait() == 39
    assert inside.refused() >= 1
    inside.end_bots()
    assert inside.bots() == set()


def test_together_arenas_leave_half_of_the_process_ids_to_their_host(tmp_path, monkeypatch):
    (tmp_path / "pid_max").write_text("32768\n")
    monkeypatch.setattr(cage, "_PID_MAX", tmp_path / "pid_max")

    assert [cage.most_processes(arenas) for arenas in (1, 4, 16, 1000)] == [4096, 4096, 1024, 128]


def test_a_group_of_somebody_else_is_not_ended(tmp_path):
    (tmp_path / "system.slice").mkdir()
    with pytest.raises(ValueError, match="not a group of ours"):
        cage.end(tmp_path / "system.slice")


def test_where_no_group_can_be_made_there_is_nothing_to_do(tmp_path):
    (tmp_path / "mounts").write_text("proc /proc proc rw 0 0\n")
    without = Cage("run/scenario", tmp_path / "mounts")
    without.make(100)

    assert (without.paths(), without.doors(BOT), without.bots(), without.refused()) == ([], [], set(), 0)
    without.end_bots()


def test_on_a_host_with_version_2_alone_one_group_counts_and_limits_and_ends(tmp_path):
    """In a folder that only looks like the kernel's: this machine's own version 2 has no controllers."""
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (tmp_path / "mounts").write_text(f"cgroup2 {tmp_path} cgroup2 rw 0 0\n")
    inside = Cage("run.abc/slow", tmp_path / "mounts")
    inside.make(300)

    assert inside.paths() == [tmp_path / "fleet-stress-run-abc-slow"]
    assert (inside.path / "pids.max").read_text() == "300"
    [group] = cgroups.plan("run.abc/slow/cpu", ("cpu",), tmp_path / "mounts", arena="run.abc/slow")
    cgroups.make_empty(group)
    assert group.path.parent == inside.path
    assert (inside.path / "cgroup.subtree_control").read_text() == "+cpu"


def test_groups_that_nobody_can_enter_are_refused_before_a_bot_is_started(caged, monkeypatch):
    inside, started = caged(("cgroup2", "pids"), BOT, "pass")
    started.wait()
    inside.try_doors()
    (inside.path / BOT).rmdir()

    with pytest.raises(OSError, match="lets nobody in"):
        inside.try_doors()


def test_a_fault_of_version_2_puts_the_bot_into_a_group_inside_the_arenas(caged, mounts):
    """Where its members go when it is over: those of the bot stay in the arena, ours leave it."""
    inside, started = caged(("cgroup2",), BOT, "import time; time.sleep(600)")
    group = cgroups.Group("", 2, inside.path / cgroups.folder_name("fault"))
    home = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    group.path.mkdir()
    cgroups.add(group, started.pid)
    cgroups.add(group, os.getpid())
    try:
        cgroups.remove(group.path)
        assert inside.bots() == {started.pid}
        assert os.getpid() not in cage._members(inside.path)
    finally:
        root = inside.path.parent
        (root / home[3:].lstrip("/") / "cgroup.procs").write_text(str(os.getpid()))


HANGS = """
import ctypes, os, struct, threading
libc, uid, gid = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
if libc.unshare(0x10000000 | 0x00020000):  # CLONE_NEWUSER | CLONE_NEWNS
    os._exit(77)
for name, word in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
    with open(f"/proc/self/{name}", "w") as stream:
        stream.write(word)
try:
    device = os.open(DEVICE, os.O_RDWR)
except OSError:
    os._exit(77)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
if libc.mount(b"own", b"/mnt", b"fuse", 0, options):
    os._exit(77)
_, _, unique = struct.unpack_from("<IIQ", os.read(device, 1 << 20))
answer = struct.pack("<IIIIHHII", 7, 31, 65536, 0, 12, 10, 4096, 1).ljust(64, b"\\0")  # fuse_init_out
os.write(device, struct.pack("<IiQ", 16 + len(answer), 0, unique) + answer)
threading.Thread(target=lambda: os.path.exists("/mnt/a")).start()
os.read(device, 1 << 20)  # it is asked, and asks itself
os.write(BEAT, b"x")
os.path.exists("/mnt/b")
"""


@pytest.fixture
def device(beat):
    """FUSE's device, as every user may open it on most systems."""
    path = beat.with_name(f"{beat.name}-fuse")
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(10, 229))
    path.chmod(0o666)
    yield path
    path.unlink()


@pytest.mark.parametrize("way", ["version 2", "version 1, pids alone"])
def test_who_hangs_in_a_file_system_of_their_own_is_ended_too(caged, beat, device, way):
    code = HANGS.replace("DEVICE", repr(str(device))).replace("BEAT", f"os.open({str(beat)!r}, os.O_WRONLY)")
    inside, started = caged(WAYS[way][0], BOT, code)
    while not beat.read_bytes():
        if started.poll() == 77:
            pytest.skip("no FUSE in a user namespace here")
        time.sleep(0.01)
    time.sleep(0.1)  # both wait now
    started.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        started.wait(0.3)

    for path in reversed(inside.paths()):
        cage.end(path)

    assert started.wait(1) == -9
    assert not any(path.exists() for path in inside.paths())
