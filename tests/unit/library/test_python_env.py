"""library/python_env.py: really built, offline, once; complete or not there, also after a kill."""

import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from ansible.module_utils.stress_environment import request

#: Builds as slowly as it is told: says that it began, and goes on when somebody lets it.
SLOW = """
import pathlib, time
def build_wheel(folder, config_settings=None, metadata_directory=None):
    place = pathlib.Path(__file__).parent
    (place / "began").touch()
    while not (place / "go").exists():
        time.sleep(0.02)
    raise SystemExit("stopped on purpose")
"""
BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture
def build(door, place, pip_wheel, make_wheel, tmp_path):
    """``build(packages=["thing"])``: the module with an index of its own and no way to another one."""
    make_wheel("thing", "1.0")
    asked = {
        "path": f"{place}/environments/{{key}}",
        "python": sys.executable,
        "pip": str(pip_wheel),
        "environment": {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(tmp_path / "index"),
            "PIP_CONFIG_FILE": os.devnull,
        },
    }
    module = door("python_env")

    class Build:
        answer = staticmethod(module.answer)

        def __call__(self, **more):
            return module(**{**asked, **more})

        def start(self, **more):
            return module.start(**{**asked, **more})

        def fails(self, **more):
            return module.fails(**{**asked, **more})

    return Build()


@pytest.fixture
def slow(tmp_path):
    """A package whose build begins and does not end."""
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "backend.py").write_text(SLOW)
    (folder / "pyproject.toml").write_text(BACKEND)
    yield folder
    (folder / "go").touch()


def has(answer, code):
    done = subprocess.run([answer["interpreter"], "-c", code], capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def left_in(folder):
    """What is in a folder of environments beside locks."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_it_is_built_once_and_says_so(build, place):
    checked = build(packages=["thing"], check=True)
    assert (checked["changed"], checked["complete"], checked["why"]) == (True, False, "is not there")
    assert not (place / "environments").exists()

    built = build(packages=["thing"])
    assert (built["changed"], built["complete"], built["path"]) == (True, True, checked["path"])
    assert "thing" in built["diff"]["after"]
    assert has(built, "import thing; print(thing.version)") == "1.0"

    for check in (False, True):
        again = build(packages=["thing"], check=check)
        assert (again["changed"], again["complete"], again["why"]) == (False, True, "")
        assert again["path"] == built["path"]

    name = Path(built["path"]).name
    assert left_in(place / "environments") == [name, f"{name}.json"]


def test_end_to_end_by_ansible_with_wheels_and_a_link(door, place, pip_wheel, make_wheel):
    make_wheel("other", "1.5")
    wheel = make_wheel("engine", "2.0", requires=["other<2"])
    asked = {"python": sys.executable, "pip": str(pip_wheel), "wheels": [str(wheel)]}
    asked |= {"path": f"{place}/engine/{{key}}", "link": f"{place}/engine/current"}

    head, built = door("python_env").by_ansible(**asked)

    assert "CHANGED" in head
    assert has(built, "import engine, other; print(engine.version, other.version)") == "2.0 1.5"
    assert (place / "engine/current").readlink() == Path(Path(built["path"]).name)

    (place / "engine/current").unlink()
    (place / "engine/current").symlink_to("an-older-one")
    relinked, again = (door("python_env")(**asked) for _ in range(2))
    assert (relinked["changed"], again["changed"]) == (True, False)
    assert "leads elsewhere" in relinked["why"]
    assert (place / "engine/current").resolve() == Path(built["path"])


def test_requirements_with_all_that_files_may_say(build, place, make_wheel, tmp_path):
    for name, version in (("heavy", "1.0"), ("other", "1.0"), ("other", "3.0"), ("thing", "2.0")):
        make_wheel(name, version)
    bot = tmp_path / "bot"
    (bot / "parts").mkdir(parents=True)
    (bot / "requirements.txt").write_text("# all\n-r parts/more.txt\nHeavy[gpu]>=1 # the big one\nthing\n")
    (bot / "parts/more.txt").write_text("-c limits.txt\nother\nheavy==99\n")
    (bot / "parts/limits.txt").write_text("other<2\n")
    asked = {"folder": str(bot), "requirements": ["requirements.txt"]}
    asked |= {"leave_out": ["HEAVY"], "constraints": ["thing<2"]}

    built = build(**asked)

    assert has(built, "import thing, other; print(thing.version, other.version)") == "1.0 1.0"
    assert has(built, "import heavy") == "ModuleNotFoundError: No module named 'heavy'"
    assert not build(**asked)["changed"]

    (bot / "parts/more.txt").write_text("other==3.0\n")
    assert build(**asked, check=True)["why"] == "is not there"


def test_a_requirements_file_that_is_not_there(build, place, tmp_path):
    asked = {"folder": str(tmp_path), "requirements": ["requirements.txt"]}
    message = build.fails(**asked)
    assert f"{tmp_path}/requirements.txt" in message and "bot_requirements" in message
    assert not (place / "environments").exists()

    answer = build(**asked, requirements_optional=True, check=True)
    assert "requirements.txt" in json.dumps(answer["warnings"])

    fresh_host = build(**{**asked, "folder": f"{tmp_path}/no/copy"}, check=True)
    assert (fresh_host["changed"], fresh_host["complete"]) == (True, False)


def test_a_requirement_that_does_not_install_is_told_and_nothing_stays(build, place):
    message = build.fails(packages=["thing==7"])

    assert "the bot's requirements do not install" in message
    assert "No matching distribution found for thing==7" in message
    assert "correct the package's name or version" in message
    assert left_in(place / "environments") == []


def test_nothing_is_built_or_deleted_outside_a_folder_of_ours(build, place, tmp_path):
    mine = tmp_path / "precious"
    mine.mkdir()
    (mine / "file").touch()
    for path in (mine, tmp_path / "new", place):
        message = build.fails(path=str(path), packages=["thing"])
        assert str(path) in message and "marker" in message
    assert (mine / "file").exists()
    assert not (tmp_path / "new").exists()


def test_a_link_does_not_lead_out_of_our_folder(build, place, tmp_path):
    (place / "environments").symlink_to(tmp_path)
    assert "marker" in build.fails(path=f"{place}/environments/x", packages=["thing"])
    assert left_in(tmp_path) == ["index"]


def test_a_python_that_does_not_start_is_named(build):
    message = build.fails(python="/nonexistent/python3")
    assert "/nonexistent/python3" in message and "stress_python" in message


@pytest.mark.root
def test_a_user_that_is_not_there_is_named(build, place):
    assert "there is no user no-such-user" in build.fails(packages=["thing"], user="no-such-user")


@pytest.mark.root
def test_the_bots_user_builds_and_root_owns_what_it_built(build, place, pip_wheel, make_wheel):
    python, index = Path("/usr/bin/python3"), place / "index"
    if not python.exists():
        pytest.skip("needs a Python that every user can start")
    make_wheel("thing", "1.0", folder=index)
    shutil.copy(pip_wheel, place)
    (index / "who").mkdir()
    (index / "who/backend.py").write_text(
        "import os\ndef build_wheel(*_): raise SystemExit(f'uid {os.getuid()}')"
    )
    (index / "who/pyproject.toml").write_text(BACKEND)
    asked = {"python": str(python), "pip": str(place / pip_wheel.name), "user": "nobody"}
    asked["environment"] = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}

    assert f"uid {pwd.getpwnam('nobody').pw_uid}" in build.fails(**asked, packages=[str(index / "who")])

    built = Path(build(**asked, packages=["thing"])["path"])
    others = [path for path in (built, *built.rglob("*")) if path.lstat().st_uid != 0]
    writable = [path for path in built.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]
    assert (others, writable) == ([], [])


def test_killed_half_way_it_is_built_anew(build, place, slow, until):
    path = str(place / "environments/x")
    process = build.start(path=path, packages=[str(slow)])
    until((slow / "began").exists, "the build begins")
    with process:
        # The module first: when its build fails before it dies, it takes away what was begun.
        for item in (process, *psutil.Process(process.pid).children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # it ends with one that was killed before
                item.kill()
    assert left_in(place / "environments") == ["x"]
    (place / "environments/.x.built/bin").mkdir(parents=True)  # as if it had been killed while it was sealed

    built = build(path=path, packages=["thing"])

    assert (built["changed"], built["complete"], built["why"]) == (True, True, "was not finished")
    assert has(built, "import thing; print(thing.version)") == "1.0"
    assert not build(path=path, packages=["thing"])["changed"]
    assert left_in(place / "environments") == ["x", "x.json"]


@pytest.mark.linux
def test_a_build_ends_with_its_builder(build, place, slow, until):
    path = str(place / "environments/x")
    process = build.start(path=path, packages=[str(slow)])
    until((slow / "began").exists, "the build begins")
    started = psutil.Process(process.pid).children(recursive=True)
    with process:
        process.kill()

    assert psutil.wait_procs(started, timeout=30)[1] == []
    assert build(path=path, packages=["thing"], within=10)["complete"]


def test_of_two_at_once_one_waits_and_has_nothing_to_do(build, place, until):
    asked = {"path": f"{place}/environments/x", "packages": ["thing"]}
    build(**asked)
    was = (place / "environments/x").stat().st_ino
    stamp = place / "environments/x.json"
    with (place / "environments/.x.lock").open() as lock:  # as if it were still being built
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp.rename(place / "stamp")
        waiting = build.start(**asked)
        until(lambda: holds_open(waiting.pid, lock.name), "it waits for the lock")
        (place / "stamp").rename(stamp)
    assert build.answer(waiting)["complete"]
    assert (place / "environments/x").stat().st_ino == was


def holds_open(pid, path):
    return path in {file.path for file in psutil.Process(pid).open_files()}


def test_what_takes_too_long_is_ended_with_all_that_it_started(build, place, slow):
    message = build.fails(packages=[str(slow)], within=0.5)
    assert "it took too long, and was ended" in message
    assert left_in(place / "environments") == []


ASKED = request.Request(sys.executable, "3.11.2", (), (), ("thing",), ())
CHANGED = "was changed since it was built"


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda path: path.with_name("x.json").unlink(), "was not finished"),
        (lambda path: path.with_name("x.json").write_text("{"), "its stamp cannot be read"),
        (lambda path: path.with_name("x.json").write_text('{"asked": "?"}'), "something else was asked for"),
        (lambda path: path.with_name("x.json").write_text(f'{{"asked": "{ASKED.key}"}}'), CHANGED),
        (lambda path: (path / "bin/python").unlink(), CHANGED),
        (lambda path: (path / "bin/python").chmod(0o4755), CHANGED),
        (lambda path: (path / "bin/more").touch(), CHANGED),
        (lambda path: (path / "bin/link").unlink() or (path / "bin/link").symlink_to("/"), CHANGED),
        (lambda path: (path / "bin/python").write_text("another"), CHANGED),
    ],
)
def test_what_is_not_complete_any_more_is_seen(tmp_path, harm, why):
    path = tmp_path / "x"
    assert request.why_incomplete(path, ASKED.key) == "is not there"
    (path / "bin").mkdir(parents=True)
    (path / "bin/python").write_text("")
    (path / "bin/link").symlink_to("python")
    request.write_stamp(path, ASKED, runs_here=False)
    assert request.why_incomplete(path, ASKED.key) == ""

    harm(path)

    assert request.why_incomplete(path, ASKED.key) == why


def test_what_python_compiles_where_it_runs_is_no_change(tmp_path):
    path = tmp_path / "x"
    for runs_here, why in ((True, ""), (False, CHANGED)):
        path.mkdir()
        request.write_stamp(path, ASKED, runs_here=runs_here)
        (path / "__pycache__").mkdir()
        assert request.why_incomplete(path, ASKED.key) == why
        (path / "__pycache__").rmdir()
        path.rmdir()


@pytest.mark.root
def test_nothing_is_built_where_others_could_change_it_before_root_runs_it(build, place):
    place.chmod(0o777)

    said = build.fails(packages=["thing"])

    assert f"{place} is not closed: everybody may write to it" in said
    assert not (place / "environments").exists()
