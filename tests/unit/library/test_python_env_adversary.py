"""python_env against packages that attack whoever installs them: real builds, as another user, by the real module."""

import json
import os
import pwd
import shutil
import subprocess
import zipfile
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.root, pytest.mark.linux]

PYTHON = Path("/usr/bin/python3")
NOBODY = pwd.getpwnam("nobody")
#: Makes a wheel of its own folder, with one module that says what is in the file ``version``.
BACKEND = """
import os, pathlib, subprocess, sys, time, zipfile
DROP = pathlib.Path({drop!r})
ENVIRONMENT = pathlib.Path(sys.prefix)
def attack():
{attack}
def build_wheel(folder, config_settings=None, metadata_directory=None, root=None):
    (pathlib.Path.cwd() / "build").mkdir()  # as setuptools does
    attack()
    version = pathlib.Path("version").read_text().strip()
    name, about = f"evil-1.0-py3-none-any.whl", "evil-1.0.dist-info"
    files = {{
        f"{{about}}/METADATA": "Metadata-Version: 2.1\\nName: evil\\nVersion: 1.0\\n",
        f"{{about}}/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{{about}}/RECORD": "",
        **({{"evil.pth": str(root)}} if root else {{"evil.py": f"version = {{version!r}}\\n"}}),
    }}
    with zipfile.ZipFile(f"{{folder}}/{{name}}", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
def build_editable(folder, config_settings=None, metadata_directory=None):
    return build_wheel(folder, root=pathlib.Path.cwd())
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
PROJECT += '[project]\nname = "evil"\nversion = "1.0"\n'


@pytest.fixture
def drop(place):
    """Where everybody may leave notes."""
    folder = place / "drop"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def package(drop):
    """``package(folder, attack, version)``: a source tree whose build attacks."""

    def make(folder, attack="pass", version="one"):
        folder.mkdir(parents=True, exist_ok=True)
        lines = "\n".join(f"    {line}" for line in attack.strip().splitlines())
        (folder / "backend.py").write_text(BACKEND.format(drop=str(drop), attack=lines))
        (folder / "pyproject.toml").write_text(PROJECT)
        (folder / "version").write_text(version)
        return folder

    return make


@pytest.fixture
def build(door, place, pip_wheel):
    """The module as root for the user nobody, without a way to an index."""
    if not PYTHON.exists():
        pytest.skip("needs a Python that every user can start")
    shutil.copy(pip_wheel, place)
    module = door("python_env")
    asked = {"path": f"{place}/environments/{{key}}", "python": str(PYTHON), "user": "nobody"}
    asked |= {"pip": str(place / pip_wheel.name)}
    asked["environment"] = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}

    class Build:
        answer = staticmethod(module.answer)

        def __call__(self, **more):
            answer = module(**{**asked, **more})
            assert not answer.get("failed"), answer
            return answer

        def start(self, **more):
            return module.start(**{**asked, **more})

        def fails(self, **more):
            return module.fails(**{**asked, **more})

    return Build()


def bot_that_installs(place, *lines, name="bot"):
    folder = place / name
    folder.mkdir(exist_ok=True)
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    return {"folder": str(folder), "requirements": ["requirements.txt"]}


def as_nobody(answer, code):
    done = subprocess.run(
        [answer["interpreter"], "-c", code],
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr


# ---- root runs what a build left ----

#: bin/python is a program of the package's own, which goes on to be a Python.
OWN_PYTHON = r"""
python = ENVIRONMENT / "bin/python"
python.unlink()
python.write_text(f'#!/bin/sh\nid -u >> {DROP}/ran\nexec /usr/bin/python3 "$@"\n')
python.chmod(0o755)
"""
#: pyvenv.cfg leads to a standard library of the package's own, which goes on to be the real one. -I and -S do not help.
OWN_LIBRARY = r"""
real = pathlib.Path(os.__file__).parent
mine = DROP / "evil/lib" / real.name
(mine / "encodings").mkdir(parents=True)
for place in real.iterdir():
    if place.name != "encodings":
        (mine / place.name).symlink_to(place)
for place in (real / "encodings").iterdir():
    if place.name not in ("__init__.py", "__pycache__"):
        (mine / "encodings" / place.name).symlink_to(place)
spy = "import posix\nf = posix.open('%s/ran', 1025 | 64, 0o666)\nposix.write(f, b'%%d\\n' %% posix.getuid())\n" % DROP
code = (real / "encodings/__init__.py").read_text()
(mine / "encodings/__init__.py").write_text(spy + code)
(DROP / "evil/bin").mkdir()
(DROP / "evil/bin/python3").symlink_to("/usr/bin/python3")
cfg = ENVIRONMENT / "pyvenv.cfg"
cfg.write_text(cfg.read_text().replace("home = /usr/bin", f"home = {DROP}/evil/bin"))
"""


@pytest.mark.parametrize("attack", [OWN_PYTHON, OWN_LIBRARY], ids=["interpreter", "standard library"])
def test_root_runs_nothing_that_a_package_put_in_the_place_of_python(build, place, package, drop, attack):
    package(place / "bot/evil", attack)
    asked = bot_that_installs(place, "./evil")

    built, looked = build(**asked), build(**asked, check=True)

    assert (built["changed"], looked["changed"]) == (True, False)
    assert as_nobody(built, "print('hello')") == "hello"
    ran = (drop / "ran").read_text().split()  # it did run: the attack is real
    assert set(ran) == {str(NOBODY.pw_uid)}


def test_a_python_that_a_package_broke_is_told_and_not_kept(build, place):
    """By a wheel: it runs nothing when it is installed, and brings a program called python."""
    bot = bot_that_installs(place, "./evil-1.0-py3-none-any.whl")
    about = "evil-1.0.dist-info"
    with zipfile.ZipFile(place / "bot/evil-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("evil-1.0.data/scripts/python", "#!/bin/false\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    message = build.fails(**bot)
    assert "its Python does not start" in message and "bot_leave_out" in message
    assert list((place / "environments").glob("[!.]*")) == []


# ---- what is installed from the bot's own folder ----


@pytest.mark.parametrize("line", [".", "-e ."])
def test_a_new_version_of_a_bot_that_installs_itself_is_installed(build, place, package, line):
    versions = []
    for version in ("one", "two"):
        bot = bot_that_installs(place, line, name=f"bot-{version}")
        folder = package(Path(bot["folder"]), version=version)
        (folder / "evil.py").write_text(f"version = {version!r}")
        built = build(**bot)
        versions.append(as_nobody(built, "import evil; print(evil.version, evil.__file__)").split())
        assert not (folder / "build").exists()  # the build wrote into a copy
    assert [version for version, _ in versions] == ["one", "two"]
    expected = str(folder) if line == "-e ." else built["path"]
    assert versions[1][1].startswith(f"{expected}/")


# ---- requirements read root's files ----


def test_requirements_are_read_as_the_bots_user(build, place):
    asked = bot_that_installs(place, "-r secret.txt")
    secret = place / "bot/secret.txt"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    answer = json.dumps(build.fails(**asked))
    assert "secret.txt: cannot be read (Permission denied)" in answer
    assert "hunter2" not in answer


def test_nothing_is_installed_when_a_requirement_leads_to_roots_files(build, place):
    secret = place / "vault_pass"
    secret.write_text("hunter2\n")
    answer = json.dumps(build.fails(**bot_that_installs(place, f"-r {secret}")))
    assert "is not in the bot's folder" in answer and "hunter2" not in answer
    assert not (place / "environments").exists()


# ---- a build goes on ----

#: Forks away twice, into a session of its own, with an empty environment, and holds a file of the environment open.
DAEMON = r"""
note = ENVIRONMENT / "note"
note.write_text("before")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        code = f"import time\nf = open({str(note)!r}, 'r+')\nopen('{DROP}/alive', 'w').close()\n"
        code += "while True: f.seek(0); f.write('AFTER!'); f.flush(); time.sleep(0.01)"
        os.closerange(0, 99)
        os.execve("/usr/bin/python3", ["python3", "-I", "-c", code], {})
    os._exit(0)
while not (DROP / "alive").exists():
    time.sleep(0.01)
"""


def living(word):
    """Processes of the user nobody with a word in their command line."""
    found = []
    for process in psutil.process_iter(["uids", "cmdline", "status"]):
        about = process.info
        if about["uids"] and about["uids"].real == NOBODY.pw_uid and word in " ".join(about["cmdline"] or []):
            found.append(process)
    return found


#: What must not come out of a build as it went in.
SPECIAL = r"""
import resource
(DROP / "processes").write_text(str(resource.getrlimit(resource.RLIMIT_NPROC)[1]))
os.mkfifo(ENVIRONMENT / "pipe")
(ENVIRONMENT / "link").symlink_to("/etc/shadow")
(ENVIRONMENT / "setuid").touch()
(ENVIRONMENT / "setuid").chmod(0o6755)
(DROP / "status").write_text(pathlib.Path("/proc/self/status").read_text())
"""


def test_what_a_build_leaves_ends_with_it_and_is_nothing_special(build, place, package, drop):
    package(place / "bot/evil", SPECIAL + DAEMON)
    bot = bot_that_installs(place, "./evil")

    built = Path(build(**bot)["path"])

    assert (drop / "alive").exists() and living(str(drop)) == []
    assert "NoNewPrivs:\t1" in (drop / "status").read_text()  # no crontab, no at, no sudo
    assert 0 < int((drop / "processes").read_text()) <= 4096
    assert not (built / "pipe").exists() and (built / "link").is_symlink()
    assert (built / "setuid").stat().st_mode & 0o7777 == 0o755
    assert build(**bot, check=True)["complete"]


def test_what_is_still_open_elsewhere_is_not_what_is_sealed(build, place, package, drop, until):
    """As if the build had handed its descriptor to a bot that runs beside it, which nobody may end."""
    attack = "(ENVIRONMENT / 'note').write_text('before')\n(DROP / 'ready').touch()\n"
    attack += "while not (DROP / 'go').exists(): time.sleep(0.01)"
    package(place / "bot/evil", attack)
    path = place / "environments/x"
    process = build.start(**bot_that_installs(place, "./evil"), path=str(path))
    until((drop / "ready").exists, "the build writes")
    with (path / "note").open("r+") as note:
        (drop / "go").touch()
        built = build.answer(process)
        assert built["complete"], built
        note.write("AFTER!")
    assert (path / "note").read_text() == "before"
    assert {entry.lstat().st_uid for entry in (path, *path.rglob("*"))} == {0}


def test_a_tree_without_end_is_refused_and_removed(build, place, package):
    attack = "os.chdir(ENVIRONMENT)\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')\n"
    package(place / "bot/evil", attack + "os.chdir(pathlib.Path(__file__).parent)")
    assert "more than 64 folders in each other" in build.fails(**bot_that_installs(place, "./evil"))
    left = [path.name for path in (place / "environments").iterdir()]
    assert [name for name in left if not name.endswith(".lock")] == []
