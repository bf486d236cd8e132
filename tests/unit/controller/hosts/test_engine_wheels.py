"""What hosts need of the engine, per platform; in the cache it is whole or not there, and made once."""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from fleet_controller.hosts import engine_wheels

from tests.messages.codes import says

LINUX = "Linux/x86_64/glibc"


@pytest.fixture
def gather():
    return engine_wheels


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
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".key.lock"]


def test_many_at_once_make_it_once(gather, tmp_path):
    made = []
    everybody = threading.Barrier(5)

    def make(folder):
        made.append(folder)
        (folder / "whole.whl").touch()

    def ask():
        everybody.wait()
        gather.cached(tmp_path / "key", make)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert [path.name for path in (tmp_path / "key").iterdir()] == ["whole.whl"]


def test_a_killed_one_leaves_nothing_that_looks_whole_and_holds_nobody_up(gather, tmp_path):
    code = "import os, signal, sys, pathlib\nfrom fleet_controller import wheels as w\n"
    code += "w.cached(pathlib.Path(sys.argv[1]), lambda _: os.kill(os.getpid(), signal.SIGKILL))"
    subprocess.run([sys.executable, "-c", code, tmp_path / "key"])
    assert not (tmp_path / "key").exists()

    gather.cached(tmp_path / "key", lambda folder: (folder / "whole.whl").touch())
    assert (tmp_path / "key/whole.whl").exists()


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


@pytest.fixture
def offline(monkeypatch, index):
    """The real pip, which finds that index and nothing else."""
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIP_CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)


def test_end_to_end_a_bundle_holds_the_engine_and_what_is_locked(gather, project, offline, tmp_path):
    found = gather.bundle(LINUX, project, project / "host.lock", tmp_path / "cache")

    ours = "fleet_stress-9.9-py3-none-any.whl"
    assert sorted(found["files"]) == [ours, "tiny-1.0-py3-none-any.whl"]
    with zipfile.ZipFile(Path(found["folder"], ours)) as wheel:
        assert [name for name in wheel.namelist() if "dist-info" not in name] == ["fleet_stress/__init__.py"]
    assert sorted(path.name for path in project.iterdir()) == [
        *("fleet_stress", "host.lock", "notes.txt", "pyproject.toml")
    ]


def test_end_to_end_a_wheel_that_is_not_the_locked_one_is_refused(gather, project, offline, tmp_path):
    (project / "host.lock").write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(gather.GatherError, match=r"`pip download` failed(.|\n)*PIP_INDEX_URL"):
        gather.bundle(LINUX, project, project / "host.lock", tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("Linux*"))


def test_a_platform_that_is_none_is_refused(gather, project, tmp_path):
    with pytest.raises(gather.GatherError, match=says("no_platform")):
        gather.bundle("../../etc", project, project / "host.lock", tmp_path)


# ---- what a host is given of it ----


def test_what_decides_it_has_a_name(gather, project):
    lock = project / "host.lock"
    first = gather.made_from(project, lock)
    (project / "notes.txt").write_text("nobody's business")
    assert gather.made_from(project, lock) == first
    (project / "fleet_stress/__init__.py").write_text('__version__ = "9.10"\n')
    assert gather.made_from(project, lock) != first


def test_what_a_host_has_is_not_brought_again(gather):
    files = ["fleet_stress-1.whl", "pip-25.whl", "psutil-7.whl"]
    found = {"folder": "/cache/0f", "key": "0f", "files": files}
    assert gather.on_host(found, "/ours", ["wheels/0f/pip-25.whl", "wheels/1a/psutil-7.whl"]) == {
        "source": "/cache/0f",
        "folder": "/ours/wheels/0f",
        "missing": ["fleet_stress-1.whl", "psutil-7.whl"],
        "pip": "/ours/wheels/0f/pip-25.whl",
        "others": ["/ours/wheels/0f/fleet_stress-1.whl", "/ours/wheels/0f/psutil-7.whl"],
    }


def test_a_pip_that_lies_where_ansible_was_started_is_not_run(gather, tmp_path, monkeypatch):
    (tmp_path / "pip").mkdir()
    for name in ("__init__", "__main__"):
        (tmp_path / f"pip/{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)
    gather.pip("--version")
    assert not (tmp_path / "ran").exists()
