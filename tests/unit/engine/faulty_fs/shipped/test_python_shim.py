"""The Python shim: nothing but the disk is different under it, and what it does in a bot's processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shim import PythonShim
from fleet_stress.observe import bot_files
from tests.engine.conftest import usable_python

EXERCISE = Path(__file__).parent / "exercise.py"
PYTHONS = [
    usable_python(),
    *(str(path) for path in sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python"))),
]


@pytest.fixture
def shim(tmp_path):
    """``shim(rules)``: one for ``tmp_path/state``; its environment is ``shim.environment``."""
    (tmp_path / "state").mkdir()

    def make(rules=(), name="one"):
        order = Order(tmp_path / "state", "", list(rules), os.getuid(), tmp_path, tmp_path, "test", name)
        return PythonShim(order, make.environment)

    make.environment = {"PATH": os.defpath}
    return make


def start(shim, program, *arguments, python=None, **more):
    return subprocess.Popen(
        [python or usable_python(), *(["-c", program] if program else []), *map(str, arguments)],
        env={**shim.environment, **more.pop("env", {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def run(shim, program, *arguments, **more):
    started = start(shim, program, *arguments, **more)
    out, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    return out


def until(true, within=60.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_else_is_different_under_it(shim, tmp_path, seed):
    outs = []
    for active in (False, True):
        folder = tmp_path / "state"
        if active:
            folder.rename(tmp_path / "before")
            folder.mkdir()
            one = shim()
        outs.append(run(shim, "", EXERCISE, folder, seed, 250).splitlines())
    for without, under in zip(*outs, strict=True):
        assert under == without
    assert one.died() is None
    assert one.figures().operations["write"] > 0


def test_all_processes_and_threads_of_a_bot_count_together(shim, tmp_path):
    program = """
import multiprocessing, os, pathlib, subprocess, sys, threading
def make(name):
    for number in range(10):
        pathlib.Path(sys.argv[1], f"{name}-{number}").touch()
if __name__ == "__main__":
    if len(sys.argv) > 2:
        make(sys.argv[2])
        sys.exit()
    running = [threading.Thread(target=make, args=(f"t{one}",)) for one in range(3)]
    running += [multiprocessing.get_context("fork").Process(target=make, args=(f"f{one}",)) for one in range(2)]
    for one in running: one.start()
    for one in running: one.join()
    subprocess.run([sys.executable, __file__, sys.argv[1], "child"], check=True)
"""
    (tmp_path / "bot.py").write_text(program)
    one = shim([{"on": ["create"], "delay": 0.001, "from": 11}])
    run(shim, "", tmp_path / "bot.py", tmp_path / "state")
    assert one.figures().operations["create"] == 60
    assert one.figures().hits == 50


def test_the_kth_is_the_bots_across_its_starts(shim, tmp_path):
    one = shim([{"on": ["create"], "kill": "before", "at": 2}])
    touch = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
    run(shim, touch, tmp_path / "state/a")
    started = start(shim, touch, tmp_path / "state/b")
    started.communicate()
    assert started.returncode == -signal.SIGKILL
    run(shim, touch, tmp_path / "state/c")
    one.take_away()
    assert sorted(each.name for each in (tmp_path / "state").iterdir()) == ["a", "c"]
    assert [json.loads(line).get("killed") for line in one.log.read_text().splitlines()] == [
        None,
        None,
        "before",
        None,
    ]


def test_who_waits_is_let_go_when_it_is_taken_away(shim, tmp_path):
    one = shim([{"on": ["create"], "delay": 100000}])
    started = start(shim, "import sys; open(sys.argv[1], 'w').close()", tmp_path / "state/a")
    # The figures of a rule that makes wait come when it is over; its count is in the file that all share.
    until(lambda: bot_files.read_regular(tmp_path / "python_shim/records/one.counts")[8:16] != bytes(8))
    assert started.poll() is None
    one.take_away()
    started.communicate(timeout=60)
    assert started.returncode == 0
    assert "PYTHONPATH" not in shim.environment


def test_who_waits_can_be_killed(shim, tmp_path):
    shim([{"on": ["create"], "freeze": 100000, "at": 1}])
    started = start(shim, "import sys; open(sys.argv[1], 'w').close()", tmp_path / "state/a")
    until(lambda: bot_files.read_regular(tmp_path / "python_shim/records/one.counts")[8:16] != bytes(8))
    started.kill()
    started.communicate(timeout=60)
    assert started.returncode == -signal.SIGKILL


def test_a_handler_that_saves_in_the_middle_of_a_save_does_not_hang(shim, tmp_path):
    program = """
import os, pathlib, signal, sys
folder = pathlib.Path(sys.argv[1])
done = 0
def save(*_):
    global done
    (folder / f"{done}.tmp").write_text("saved")
    os.replace(folder / f"{done}.tmp", folder / "saved")
    done += 1
    signal.setitimer(signal.ITIMER_REAL, 0.001)
signal.signal(signal.SIGALRM, save)
signal.setitimer(signal.ITIMER_REAL, 0.001)
for number in range(300):
    with open(folder / "log", "a") as stream:
        stream.write(f"{number:5}\\n")
signal.setitimer(signal.ITIMER_REAL, 0)
print(done)
"""
    shim()
    assert int(run(shim, program, tmp_path / "state")) > 0
    assert (tmp_path / "state/log").read_text().split() == [str(item) for item in range(300)]


def test_what_a_handler_that_raises_has_interrupted_is_not_written_twice(shim, tmp_path):
    program = """
import signal, sys
class Enough(Exception): pass
def enough(*_): raise Enough
signal.signal(signal.SIGALRM, enough)
bad = 0
for number in range(400):
    path = f"{sys.argv[1]}/{number}"
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.00002 * (1 + number % 40))
        with open(path, "w") as stream:
            for line in range(30):
                stream.write(f"{line:4}")
                stream.flush()
    except Enough:
        pass
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Enough:
            pass
    try:
        content = open(path).read()
    except FileNotFoundError:
        continue
    expected = "".join(f"{line:4}" for line in range(30))
    bad += not expected.startswith(content)
print(bad)
"""
    shim()
    assert run(shim, program, tmp_path / "state") == "0\n"


def test_the_bots_own_sitecustomize_and_modules_have_their_turn(shim, tmp_path):
    own, script = tmp_path / "own", tmp_path / "script"
    own.mkdir()
    script.mkdir()
    (own / "sitecustomize.py").write_text("import sys; sys.own = __file__")
    (own / "struct.py").write_text("raise SystemExit('the shim imported it')")
    (script / "random.py").write_text("mine = True")
    (script / "main.py").write_text(
        "import random, sys, sitecustomize\nprint(random.mine, sys.own, sitecustomize.__file__)\n"
        "print([one for one in sys.path + list(sys.modules) if 'shim' in one or 'fleet' in one])"
    )
    one = shim()
    shim.environment["PYTHONPATH"] += f":{own}"
    said = run(shim, "", script / "main.py")
    site = own / "sitecustomize.py"
    assert said == f"True {site} {site}\n[]\n"
    one.take_away()
    assert shim.environment["PYTHONPATH"] == str(own)


def test_what_it_cannot_follow_it_notices(shim, tmp_path):
    program = """
import io, mmap, os, sqlite3, subprocess, sys
os.chdir(sys.argv[1])
sqlite3.connect("base").execute("create table t (a)")
with open("a", "wb+") as stream:
    stream.write(b"12345"); stream.flush()
    mmap.mmap(stream.fileno(), 5)
io.FileIO("b", "w").close()
subprocess.run(["true"])
"""
    one = shim()
    run(shim, program, tmp_path / "state")
    told = {each["what"]: each["which"] for each in one.about()["noticed"]}
    assert told == {"sqlite": "base", "mmap": "a", "opened for writing past it": "b", "program": "true"}
    assert any("SQLite" in each for each in one.about()["cannot_see"])


def test_what_the_bot_makes_of_its_files_is_not_believed(shim, tmp_path):
    one = shim([{"on": ["any"], "delay": 0}])
    (tmp_path / "python_shim/records/one.jsonl").write_text(
        'nonsense\n[1]\n{"op": "rename", "path": 5}\n{"op": "rename", "path": "a", "at": 1, "took": NaN, "pid": 1}\n'
        '{"op": "rename", "path": "a", "at": 1, "took": 1, "pid": 1, "more is": "dropped"}\n' + "[" * 100000
    )
    one.keep_log()
    _, *lines = one.log.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"op": "rename", "path": "a", "at": 1, "pid": 1, "took": 1}
    ]
    figures = tmp_path / "python_shim/records/one.figures"
    figures.unlink()
    figures.symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="removed or changed"):
        one.figures()


def test_two_for_one_folder_are_refused(shim):
    shim()
    with pytest.raises(OSError, match="already"):
        shim(name="two")


@pytest.mark.parametrize("python", PYTHONS[1:] or [sys.executable])
def test_every_python_either_has_it_or_says_why_not(shim, tmp_path, python):
    one = shim([{"on": ["rename"], "errno": "EIO"}])
    program = "import os, pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_text('a'); p.rename(sys.argv[1] + 'b')"
    started = start(shim, program, tmp_path / "state/a", python=python)
    _, said = started.communicate(timeout=60)
    if one.died():
        assert "3.8 or newer" in one.died()
        assert started.returncode == 0
    else:
        assert "Input/output error" in said
        assert one.figures().operations == {"create": 1, "write": 1, "rename": 1}
