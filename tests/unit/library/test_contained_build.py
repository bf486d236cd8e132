"""A build is ended with all that it started, and what it left is taken by a copy: the parts, one by one."""

import os
import pwd
import stat
import sys
import time
from pathlib import Path

import psutil
import pytest
from ansible.module_utils.stress_environment import (
    confinement,
    contained,
    failure,
    local_sources,
    sealed_tree,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
#: A user that nobody else is, one for each worker of pytest; without root ourselves.
ROOT = os.geteuid() == 0
UID = 61_000 + os.getpid() % 4_000 if ROOT else os.geteuid()
OWNER = pwd.struct_passwd(("nobody-else", "x", UID, UID, "", "/", "/bin/false")) if ROOT else None
#: Says its pid, and goes on in another process each millisecond: forked, its parent gone, in a session of its own.
NEVER_STAYS = """
import os, sys, time
if os.fork(): sys.exit(0)
os.setsid()
while True:
    if os.fork(): os._exit(0)
    time.sleep(0.001)
"""
DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", "4711"], {})
    os._exit(0)
"""


@pytest.fixture(params=["as the kernel can", "without namespaces", "by user"])
def run(request, monkeypatch):
    """``run(code)``: as a build is run, with less and less help of the kernel."""
    if request.param == "by user" and not ROOT:
        pytest.skip("needs root")
    if request.param == "without namespaces":
        monkeypatch.setattr(confinement, "enter_namespaces", lambda: False)
    if request.param == "by user":  # as on macOS
        monkeypatch.setattr(confinement, "_libc", None)
    python = "/usr/bin/python3" if ROOT else sys.executable

    def run(code, within=30.0):
        seen = {"PATH": "/usr/bin:/bin"}
        program = contained.Program([python, "-I", "-c", code], Path("/"), seen, OWNER, owner_is_idle=True)
        return contained.run(program, time.monotonic() + within)

    return run


def alive(since):
    """Processes of the build's user that began after a moment."""
    found = []
    for process in psutil.process_iter(["uids", "status", "create_time", "cmdline"]):
        about = process.info
        mine = about["uids"].real == UID and (ROOT or "4711" in (about["cmdline"] or []))
        if mine and about["status"] != psutil.STATUS_ZOMBIE and about["create_time"] >= since:
            found.append(process)
    return found


@pytest.mark.linux
@pytest.mark.parametrize("code", [DAEMON, NEVER_STAYS], ids=["daemon", "never stays"])
def test_nothing_of_a_build_outlives_it(run, code):
    began = time.time() - 1
    assert run(code) == (contained.WELL, "")
    psutil.wait_procs(alive(began), timeout=10)  # killed they are, and may need a moment to be gone
    assert alive(began) == []


def test_how_a_program_ended_and_what_it_said(run):
    assert run("print('hello')") == (contained.WELL, "hello\n")
    assert run("import os; os.write(2, b'oh'); raise SystemExit(3)") == (contained.FAILED, "oh")
    began = time.time() - 1
    assert run("import time; time.sleep(600)", within=0.2)[0] == contained.TOO_SLOW
    assert alive(began) == []


def test_of_endless_output_the_beginning_and_the_end_are_kept(run):
    how, said = run("print('first'); [print('x' * 1000) for _ in range(20_000)]; print('last')")
    assert how == contained.WELL
    assert said.startswith("first\n") and said.endswith("last\n")
    assert len(said) <= 2 * contained.KEPT_OUTPUT


@pytest.mark.linux
def test_nothing_of_ours_is_open_in_a_build(run):
    with Path(os.devnull).open() as ours:
        os.set_inheritable(ours.fileno(), True)
        how, said = run("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")
    assert (how, said) == (contained.WELL, "[0, 1, 2, 3]\n")


# ---- what is taken of a build ----


def test_sealed_it_is_a_copy_readable_for_all_and_writable_for_nobody_else(tmp_path):
    tree, copy = tmp_path / "tree", tmp_path / "copy"
    (tree / "folder").mkdir(parents=True, mode=0o700)
    (tree / "folder/file").write_text("text")
    (tree / "folder/file").chmod(0o622)
    os.utime(tree / "folder/file", ns=(1, 4_711_000_000_000))
    (tree / "folder/program").touch(mode=0o4700)
    (tree / "link").symlink_to("../outside")
    (tree / "home").mkdir()
    os.mkfifo(tree / "pipe")

    sealed_tree.seal(tree, copy, builder=os.geteuid(), leave_out="home")

    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in (copy, *copy.rglob("*"))}
    del modes["link"]
    assert modes == {"copy": 0o755, "folder": 0o755, "file": 0o644, "program": 0o755}
    assert str((copy / "link").readlink()) == "../outside"
    assert (copy / "folder/file").read_text() == "text"
    # Compiled files name the time of their source.
    assert (copy / "folder/file").stat().st_mtime_ns == 4_711_000_000_000


@pytest.mark.root
def test_a_hard_link_to_roots_file_is_refused(tmp_path):
    (tmp_path / "shadow").touch(mode=0o600)
    (tmp_path / "tree").mkdir()
    os.chown(tmp_path / "tree", 65534, 65534)
    (tmp_path / "tree/mine").hardlink_to(tmp_path / "shadow")  # fs.protected_hardlinks is not set everywhere
    with pytest.raises(failure.EnvironmentFailed, match="files that are not its builder's"):
        sealed_tree.seal(tmp_path / "tree", tmp_path / "copy", builder=65534)


def test_a_file_with_a_huge_hole_is_not_copied_to_the_end_of_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed_tree, "MOST_BYTES", 2**20)
    (tmp_path / "tree").mkdir()
    with (tmp_path / "tree/hole").open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(failure.EnvironmentFailed, match="more bytes than there is room for"):
        sealed_tree.seal(tmp_path / "tree", tmp_path / "copy", builder=os.geteuid())


def test_what_leads_to_the_copy_of_a_folder_leads_to_the_folder(tmp_path):
    (tmp_path / "tree/__pycache__").mkdir(parents=True)
    for name in ("bot.pth", "__editable___bot_finder.py", "other.py"):
        (tmp_path / "tree" / name).write_text("/away/source/src\n")
    (tmp_path / "tree/__pycache__/__editable___bot_finder.cpython-311.pyc").touch()
    moved = sealed_tree.Moved("/away/source", "/bots/mine")
    sealed_tree.seal(tmp_path / "tree", tmp_path / "copy", builder=os.geteuid(), moved=moved)
    texts = {path.name: path.read_text() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    led = "/bots/mine/src\n"
    assert texts == {"bot.pth": led, "__editable___bot_finder.py": led, "other.py": "/away/source/src\n"}


def test_a_library_that_is_compiled_beside_its_source_is_found(tmp_path):
    for place in ("folder/a/old.so", "scratch/a/old.so", "scratch/a/fast.so", "scratch/build/x.so"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert local_sources.compiled_into(tmp_path / "scratch", tmp_path / "folder") == ["a/fast.so"]


def test_a_changed_source_of_an_operators_package_is_another_request(tmp_path):
    (tmp_path / "dep").mkdir()
    hashes = []
    for text in ("one", "two"):
        (tmp_path / "dep/code.py").write_text(text)
        hashes.append(local_sources.hashes_of_packages(["thing", f"{tmp_path}/dep", "./dep"], tmp_path))
        (tmp_path / "dep/build").mkdir(exist_ok=True)  # what a build leaves there is none
        assert local_sources.hashes_of_packages(["./dep"], tmp_path) == hashes[-1][1:]
    assert [len(each) for each in hashes] == [2, 2] and hashes[0] != hashes[1]
