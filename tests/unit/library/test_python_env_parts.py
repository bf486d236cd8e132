"""stress_environment, the parts of python_env: what requirements say, what a build may see, and what it leaves."""

import os
import stat
import subprocess
import sys
import time

import psutil
import pytest
from ansible.module_utils.stress_environment import (
    builder,
    failure,
    process_group,
    request,
    requirement_files,
    sealed_tree,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def lines(file, *leave_out):
    return list(requirement_files.requirement_lines(file, leave_out))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("torch", "torch"),
        ("Torch_Vision.Extra==1", "torch-vision-extra"),
        ("torch[gpu]>=2,<3; python_version > '3'", "torch"),
        ("torch (>=2)", "torch"),
        ("torch @ https://example.org/torch.whl", "torch"),
        ("torch~=2.0 --hash=sha256:00", "torch"),
        ("git+https://example.org/x.git#egg=torch", "torch"),
        ("-e git+https://example.org/x.git#egg=torch", "torch"),
        ("https://example.org/torch-2.whl", ""),
        ("./torch", ""),
        ("--no-binary torch", ""),
    ],
)
def test_the_package_that_a_line_asks_for(line, name):
    assert requirement_files.requirement_name(line) == name


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "A.b_c--d",
        "a[x,y] >=1,<2 ; python_version > '3'",
        "a(>=2)",
        "a @ https://example.org/a.whl",
        "a!=1",
        "a===1",
    ],
)
def test_a_line_without_options_asks_for_what_packaging_says(line):
    assert requirement_files.requirement_name(line) == canonicalize_name(Requirement(line).name)


def test_comments_continuations_and_byte_order_marks(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_bytes(b"\xef\xbb\xbfa==1 # one\r\n\r\n  # two\r\nb==2 \\\r\n  --hash=sha256:00\r\nc#d\r\n")
    assert [" ".join(line.split()) for line in lines(file)] == ["a==1", "b==2 --hash=sha256:00", "c#d"]


def test_left_out_packages_are_left_out_of_nested_files_too(tmp_path):
    (tmp_path / "a.txt").write_text("-r sub/b.txt\nbig==1\nsmall\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.txt").write_text("--requirement=c.txt\nBIG>=2\n-c limits.txt\n")
    (tmp_path / "sub/c.txt").write_text("tiny\n")
    assert lines(tmp_path / "a.txt", "Big") == ["tiny", f"-c {tmp_path}/sub/limits.txt", "small"]


@pytest.mark.parametrize("back", ["a.txt", "../here/a.txt", "./b.txt"])
def test_files_that_name_each_other_end(tmp_path, back):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "a.txt").write_text("-r b.txt\none\n")
    (folder / "b.txt").write_text(f"-r {back}\ntwo\n")
    assert lines(folder / "a.txt") == ["two", "one"]


def test_addresses_are_left_to_pip(tmp_path):
    (tmp_path / "a.txt").write_text("-r https://example.org/b.txt\n-c https://example.org/c.txt\n")
    assert lines(tmp_path / "a.txt") == ["-r https://example.org/b.txt", "-c https://example.org/c.txt"]


def test_a_nested_file_that_is_missing_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("-r gone.txt\n")
    with pytest.raises(failure.EnvironmentFailed, match=r"gone\.txt: cannot be read"):
        requirement_files.read_requirements([tmp_path / "a.txt"], (), optional=True)


def test_the_key_knows_all_that_was_asked():
    base = request.Request("/usr/bin/python3", "3.11.2", ("a.whl",), ("b",), ("c",), ("d",))
    others = {"python": "/p", "version": "3.11.3", "wheels": ()}
    others |= {"requirements": ("b2",), "packages": ("c", "c2"), "constraints": ()}
    keys = {base.key, *(base._replace(**{name: value}).key for name, value in others.items())}
    assert len(keys) == 1 + len(others)


def test_a_build_sees_the_way_to_its_index_and_nothing_else(tmp_path):
    ours = {
        "PIP_INDEX_URL": "https://example.org/simple",
        "https_proxy": "http://proxy:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "PIP_TARGET": "/elsewhere",
        "PIP_USER": "1",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "PYTHONPATH": "/somewhere",
        "HOME": "/root",
    }
    seen = builder.environment(ours, tmp_path)
    passed = {"PIP_INDEX_URL", "https_proxy", "NO_PROXY", "SSL_CERT_FILE"}
    assert set(seen) == passed | {"PATH", "HOME", "TMPDIR", "LANG", "FLEET_STRESS_RUN"}
    assert seen["HOME"] == seen["TMPDIR"] == str(tmp_path)

    (tmp_path / "pip.conf").touch()
    assert builder.environment(ours, tmp_path)["PIP_CONFIG_FILE"] == f"{tmp_path}/pip.conf"
    assert builder.environment({"PIP_CONFIG_FILE": "/mine"}, tmp_path)["PIP_CONFIG_FILE"] == "/mine"


@pytest.mark.parametrize(
    ("output", "todo"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "make room"),
        ("ERROR: Max retries exceeded with url: /simple", "bot_pip_environment"),
        ("ERROR: Cannot install a and b", "bot_constraints"),
    ],
)
def test_the_message_says_what_pip_said_and_what_to_do(tmp_path, output, todo):
    noise = "Collecting a\n  Downloading a.whl\n[notice] A new release of pip is available\n"
    message = failure.explain("it does not install", tmp_path, f"{noise}{output}\n  because\n{noise}")
    assert message.startswith(f"{tmp_path}: it does not install. pip said:\n  {output}\n    because")
    assert todo in message.splitlines()[-1]
    assert "notice" not in message and "Downloading" not in message


def test_sealed_it_is_readable_for_all_and_writable_for_nobody_else(tmp_path):
    outside = tmp_path / "outside"
    outside.touch(mode=0o600)
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True, mode=0o700)
    (tree / "folder/file").touch(mode=0o622)
    (tree / "folder/program").touch(mode=0o4700)
    (tree / "link").symlink_to(outside)

    sealed_tree.seal(tree)

    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in (tree, *tree.rglob("*"))}
    del modes["link"]
    assert modes == {"tree": 0o755, "folder": 0o755, "file": 0o644, "program": 0o755}
    assert stat.S_IMODE(outside.stat().st_mode) == 0o600


@pytest.mark.root
def test_sealed_from_above_so_that_nothing_is_exchanged_meanwhile(place, monkeypatch):
    (place / "tree/folder").mkdir(parents=True)
    (place / "tree/folder/file").touch()
    for path in (place / "tree", *(place / "tree").rglob("*")):
        os.chown(path, 65534, 65534)
    really, open_ones = os.lstat, []

    def lstat(name, *, dir_fd):
        open_ones.extend([name] if os.fstat(dir_fd).st_uid == 65534 else [])
        return really(name, dir_fd=dir_fd)

    monkeypatch.setattr(sealed_tree.os, "lstat", lstat)
    sealed_tree.seal(place / "tree")
    assert open_ones == []


def test_a_link_is_switched_in_one_step(library, tmp_path):
    link = tmp_path / "current"
    for target in ("one", "two"):
        library("python_env").switch_link(link, target)
        assert link.readlink().name == target
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


# ---- what a build leaves behind ----


@pytest.fixture
def started():
    """A process in a group of its own, with a child that would go on for ever."""

    def start(code):
        child = "import time\nwhile True: time.sleep(60)"
        text = (
            f"import subprocess, sys, time\nprint(subprocess.Popen([sys.executable, '-c', {child!r}]).pid)\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", text + "sys.stdout.flush()\n" + code],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        with process.stdout:
            return process, psutil.Process(int(process.stdout.readline()))

    return start


def ended(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_is_done_leaves_no_process(started, until):
    process, child = started("sys.exit(3)")
    assert process_group.end_group(process, time.monotonic() + 60)
    assert process.returncode == 3
    until(lambda: ended(child), "the child ends")


def test_what_is_too_slow_is_ended_with_its_children(started, until):
    process, child = started("while True: time.sleep(60)")
    assert not process_group.end_group(process, time.monotonic())
    assert process.returncode < 0
    until(lambda: ended(child), "the child ends")


def test_macos_refuses_a_signal_to_a_group_in_which_nobody_lives(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(process_group.os, "killpg", refuse)
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    assert process_group.end_group(process, time.monotonic() + 60)
    assert process.returncode == 0
