"""roles/engine/files/gather_wheels.py: what hosts need, per platform; in the cache it is whole or not there."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GATHER = ROOT / "roles/engine/files/gather_wheels.py"
LINUX = "Linux/x86_64/glibc"


@pytest.fixture
def gather():
    spec = importlib.util.spec_from_file_location("gather_wheels", GATHER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path):
    """A project as small as it can be, and a lock."""
    folder = tmp_path / "project"
    (folder / "fleet_stress/__pycache__").mkdir(parents=True)
    (folder / "fleet_stress/__init__.py").write_text('__version__ = "9.9"\n')
    (folder / "fleet_stress/__pycache__/x.pyc").touch()
    (folder / "pyproject.toml").write_text('[project]\nname = "fleet-stress"\nversion = "9.9"\n')
    (folder / "notes.txt").touch()
    (folder / "host.lock").write_text("tiny==1.0\n")
    return folder


@pytest.fixture
def fake_pip(gather, monkeypatch):
    """A pip that puts one wheel where it is told to, and writes down what it was asked for."""
    asked = []

    def pip(*arguments):
        asked.append(arguments)
        into = arguments[1 + arguments.index("--wheel-dir" if arguments[0] == "wheel" else "--dest")]
        Path(into, f"{arguments[0]}-1.whl").write_text("x")

    monkeypatch.setattr(gather, "pip", pip)
    return asked


@pytest.mark.parametrize(
    ("platform", "first", "last", "never"),
    [
        (LINUX, "manylinux_2_17_x86_64", "manylinux1_x86_64", "musllinux_1_2_x86_64"),
        ("Linux/aarch64/glibc", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux1_aarch64"),
        ("Linux/aarch64/musl", "musllinux_1_2_aarch64", "musllinux_1_1_aarch64", "manylinux2014_aarch64"),
        ("Darwin/arm64/system", "macosx_26_0_arm64", "macosx_11_0_universal2", "macosx_10_9_arm64"),
        ("Darwin/x86_64/system", "macosx_26_0_x86_64", "macosx_10_9_universal2", "manylinux1_x86_64"),
    ],
)
def test_the_names_under_which_a_platforms_wheels_go(gather, platform, first, last, never):
    tags = gather.tags(platform)
    assert (tags[0], tags[-1]) == (first, last)
    assert never not in tags


def test_the_wheel_is_made_from_the_engine_alone(gather, project):
    names = [str(path.relative_to(project)) for path in gather.project_files(project)]
    assert names == ["fleet_stress/__init__.py", "pyproject.toml"]


def test_what_is_there_is_not_made_again(gather, project, fake_pip, tmp_path):
    first = gather.bundle(LINUX, project, project / "host.lock", tmp_path / "cache")
    second = gather.bundle(LINUX, project, project / "host.lock", tmp_path / "cache")
    assert first == second
    assert first["files"] == ["download-1.whl", "wheel-1.whl"]
    assert sorted(path.name for path in Path(first["folder"]).iterdir()) == first["files"]
    assert [arguments[0] for arguments in fake_pip] == ["wheel", "download"]


def test_another_engine_or_lock_gets_a_folder_of_its_own(gather, project, fake_pip, tmp_path):
    keys = [gather.bundle(LINUX, project, project / "host.lock", tmp_path)["key"]]
    for file in ("fleet_stress/__init__.py", "host.lock"):
        (project / file).write_text(f"{(project / file).read_text()}# changed\n")
        keys.append(gather.bundle(LINUX, project, project / "host.lock", tmp_path)["key"])
    keys.append(gather.bundle("Linux/aarch64/glibc", project, project / "host.lock", tmp_path)["key"])
    assert len(set(keys)) == 4


@pytest.mark.parametrize("problem", [OSError("no space"), KeyboardInterrupt()])
def test_what_could_not_be_finished_is_not_there(gather, tmp_path, problem):
    def make(folder):
        (folder / "half.whl").touch()
        raise problem

    with pytest.raises(type(problem)):
        gather.cached(tmp_path / "cache/key", make)
    assert list((tmp_path / "cache").iterdir()) == []


def test_one_that_another_made_meanwhile_is_used(gather, tmp_path):
    def make(folder):
        (tmp_path / "key").mkdir()
        (tmp_path / "key/whole.whl").touch()
        (folder / "mine.whl").touch()

    folder = gather.cached(tmp_path / "key", make)
    assert [path.name for path in folder.iterdir()] == ["whole.whl"]
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_killed_one_leaves_nothing_that_looks_whole(tmp_path):
    code = "import os, signal, sys; sys.path.insert(0, sys.argv[1]); import gather_wheels as g, pathlib\n"
    code += "g.cached(pathlib.Path(sys.argv[2]), lambda _: os.kill(os.getpid(), signal.SIGKILL))"
    subprocess.run([sys.executable, "-B", "-c", code, GATHER.parent, tmp_path / "key"])
    assert not (tmp_path / "key").exists()


def test_a_platform_without_a_wheel_is_told_as_such(gather, project, tmp_path, monkeypatch):
    def pip(*_):
        raise gather.GatherError("pip said:\n ERROR: No matching distribution found for psutil==7.2.2")

    monkeypatch.setattr(gather, "pip", pip)
    with pytest.raises(gather.GatherError, match=r"no wheel of psutil==7\.2\.2 for Linux/riscv64/musl"):
        gather.fetched_wheels("Linux/riscv64/musl", project / "host.lock", tmp_path)


# ---- with the real pip, offline ----


@pytest.fixture
def index(project, tmp_path):
    """An index of one wheel, and its hash in the lock."""
    wheel = tmp_path / "index/tiny-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "host.lock").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    return wheel.parent


def run(project, index, cache, *platforms):
    argv = [GATHER, f"--project={project}", f"--cache={cache}", f"--lock={project}/host.lock", *platforms]
    quiet = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, *argv], capture_output=True, text=True, env={**os.environ, **quiet}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_end_to_end_one_platform_that_fails_does_not_keep_the_others_from_being_served(
    project, index, tmp_path
):
    answer = run(project, index, tmp_path / "cache", LINUX, "../../etc")

    assert answer["../../etc"] == {"error": "'../../etc' is not system/machine/libc"}
    ours = "fleet_stress-9.9-py3-none-any.whl"
    assert sorted(answer[LINUX]["files"]) == [ours, "tiny-1.0-py3-none-any.whl"]
    with zipfile.ZipFile(Path(answer[LINUX]["folder"], ours)) as wheel:
        assert [name for name in wheel.namelist() if "dist-info" not in name] == ["fleet_stress/__init__.py"]
    assert sorted(path.name for path in project.iterdir()) == [
        *("fleet_stress", "host.lock", "notes.txt", "pyproject.toml")
    ]


def test_end_to_end_a_wheel_that_is_not_the_locked_one_is_refused(project, index, tmp_path):
    (project / "host.lock").write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    message = run(project, index, tmp_path / "cache", LINUX)[LINUX]["error"]
    assert "`pip download` failed" in message and "PIP_INDEX_URL" in message
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name.startswith("Linux")]
