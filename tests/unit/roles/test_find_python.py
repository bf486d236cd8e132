"""roles/preflight/files/find_python.sh: which Python a host is used with, among fakes in a machine of its own."""

import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

PROBE = Path(__file__).parents[3] / "roles/preflight/files/find_python.sh"
TEXT = PROBE.read_text()
USED = ("id", "uname", "tail", "head", "sh")
GOOD = 'echo "3.12.1 - $0"'
CLOSED = 'echo "3.12.1 /root $0"'
OLD = "echo 'is Python 3.8, older than 3.9' >&2; exit 1"
SHIM = "echo 'pyenv: python3: command not found' >&2; echo 'try pyenv help' >&2; exit 127"


class Host:
    """A machine whose folders of programs are all below one folder, with nothing but what a test puts there."""

    def __init__(self, root):
        self.root = root
        self.text = re.sub(r"/(?=usr/|opt/|Library/)", f"{root}/", TEXT)
        for name in USED:
            self.place(f"tools/{name}").symlink_to(shutil.which(name))

    def place(self, path):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        return self.root / path

    def python(self, path, does=GOOD):
        file = self.place(path)
        file.write_text(f"#!/bin/sh\n{does}\n")
        file.chmod(0o755)
        return str(file)

    def probe(self, wanted="", first=""):
        done = subprocess.run(
            ["/bin/sh", "-c", self.text, "find_python", wanted, first],
            env={"PATH": f"{self.root}/bin:{self.root}/tools"},
            input="what else the login has to say\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        lines = [line.removeprefix("fleet-stress: ") for line in done.stdout.splitlines()]
        return [line for line in lines if line.startswith(("python ", "passed "))]


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_it_says_who_looks_and_whether_there_is_sudo(host):
    def said():
        argv = ["/bin/sh", "-c", host.text, "find_python", "", ""]
        env = {"PATH": f"{host.root}/bin:{host.root}/tools"}
        return subprocess.run(argv, env=env, capture_output=True, text=True).stdout.splitlines()

    name = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    assert said() == [f"fleet-stress: uid {os.getuid()}", f"fleet-stress: user {name}"]
    host.python("bin/sudo")
    assert said()[2] == "fleet-stress: sudo yes"


def test_a_machine_without_any_python(host):
    assert host.probe() == []


def test_the_systems_own_comes_first_and_ends_the_search(host):
    mine = host.python("usr/bin/python3")
    host.python("bin/python3.13")
    assert host.probe() == [f"python 3.12.1 - {mine}"]


def test_what_the_inventory_names_comes_before_it(host):
    host.python("usr/bin/python3")
    named = host.python("srv/my python/bin/python3")
    assert host.probe(first=named) == [f"python 3.12.1 - {named}"]
    assert host.probe(first="/nonexistent")[0].endswith("usr/bin/python3")


def test_one_that_is_too_old_or_does_not_start_is_passed_over_with_its_reason(host):
    old, shim = host.python("usr/bin/python3", OLD), host.python("bin/python3.13", SHIM)
    new = host.python("bin/python3.12")
    assert host.probe() == [
        f"passed {old}: is Python 3.8, older than 3.9",
        f"passed {shim}: pyenv: python3: command not found",
        f"python 3.12.1 - {new}",
    ]


def test_of_a_crash_the_last_line_is_told(host):
    does = "printf 'Traceback (most recent call last):\\n  x\\nImportError: no os\\n' >&2; exit 1"
    assert host.probe(first=host.python("x/python3", does)) == [
        f"passed {host.root}/x/python3: ImportError: no os"
    ]


def test_newer_names_and_other_places_are_looked_at_and_none_twice(host):
    closed = host.python("usr/bin/python3.11", CLOSED)
    host.python("bin/python3", OLD)
    brewed = host.python("opt/homebrew/bin/python3.12")
    assert host.probe(first=closed) == [
        f"python 3.12.1 /root {closed}",
        f"passed {host.root}/bin/python3: is Python 3.8, older than 3.9",
        f"python 3.12.1 - {brewed}",
    ]


def test_of_what_is_wanted_nothing_else_is_tried(host):
    host.python("usr/bin/python3")
    assert host.probe(wanted=host.python("srv/python", OLD)) == [
        f"passed {host.root}/srv/python: is Python 3.8, older than 3.9"
    ]
    assert host.probe(wanted="/no/python") == ["passed /no/python: is not there, or cannot be executed"]
    wanted = host.python("srv/closed", CLOSED)
    assert host.probe(wanted=wanted) == [f"python 3.12.1 /root {wanted}"]


@pytest.fixture
def a_mac(host):
    """Of which the Command Line Tools are not installed; what lies in their place opens a window."""
    (host.root / "tools/uname").unlink()
    host.python("tools/uname", "echo Darwin")
    host.python("tools/xcode-select", "exit 2")
    host.python("usr/bin/python3", f"touch {host.root}/started")
    return host


def test_the_stub_of_macos_that_opens_an_installer_is_not_started(a_mac):
    [passed] = a_mac.probe()
    assert passed.startswith(f"passed {a_mac.root}/usr/bin/python3: a stub")
    assert not (a_mac.root / "started").exists()


@pytest.mark.parametrize(
    "path",
    [
        "opt/homebrew/bin/python3.12",
        "usr/local/bin/python3",
        "Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13",
    ],
)
def test_on_a_mac_homebrew_s_or_python_org_s_comes_before_apple_s(a_mac, path):
    a_mac.python("tools/xcode-select", "exit 0")
    apples = a_mac.python("usr/bin/python3")
    assert a_mac.probe() == [f"python 3.12.1 - {apples}"]
    better = a_mac.python(path)
    assert a_mac.probe() == [f"python 3.12.1 - {better}"]


def test_elsewhere_the_system_s_own_comes_before_what_somebody_has_built(host):
    host.python("usr/local/bin/python3")
    own = host.python("usr/bin/python3")
    assert host.probe() == [f"python 3.12.1 - {own}"]


def test_a_python_gets_nothing_of_our_input(host):
    python = host.python("x/python3", f"read line && exit 1; {GOOD}")
    assert host.probe(first=python) == [f"python 3.12.1 - {python}"]


# ---- the words for a Python, on Pythons that are not here ----

CODE = TEXT.split("\ncode='")[1].split("\n'\n")[0]


def judge(monkeypatch, capsys, **changed):
    """What the code says of a Python whose ``sys`` is so: its line, or its reason to be passed over."""
    for name, value in changed.items():
        monkeypatch.setattr(sys, name, value)
    try:
        exec(compile(CODE, "code", "exec"), {"__name__": "__main__"})
    except SystemExit as ended:
        return ended.code
    return capsys.readouterr().out.strip()


def test_this_one_will_do(monkeypatch, capsys):
    said = judge(monkeypatch, capsys)
    assert said.startswith(f"{'.'.join(map(str, sys.version_info[:3]))} ")
    assert said.endswith(f" {sys.executable}")


def test_an_older_or_another_one_will_not(monkeypatch, capsys):
    assert judge(monkeypatch, capsys, version_info=(3, 8, 19)) == "is Python 3.8, older than 3.9"
    pypy = types.SimpleNamespace(name="pypy")
    assert judge(monkeypatch, capsys, implementation=pypy) == "is pypy, not CPython"


def test_a_free_threaded_one_will_not(monkeypatch, capsys):
    monkeypatch.setattr("sysconfig.get_config_var", lambda name: 1 if name == "Py_GIL_DISABLED" else None)
    assert "free-threaded" in judge(monkeypatch, capsys)


def test_one_without_a_part_of_the_standard_library_will_not(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "venv", None)
    assert judge(monkeypatch, capsys).startswith("lacks a part of the standard library: ")


def test_the_folder_that_others_may_not_enter_is_named_as_one_word(monkeypatch, capsys, tmp_path):
    folder = tmp_path / "my folder"
    (folder / "bin").mkdir(parents=True)
    folder.chmod(0o700)
    said = judge(monkeypatch, capsys, executable=f"{folder}/bin/python")
    closed, python = said.split(" ", 2)[1:]
    assert closed == os.path.realpath(folder).replace(" ", "?")
    assert python == f"{folder}/bin/python"
