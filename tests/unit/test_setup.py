"""requirements/setup.sh: once, only as far as asked, also when killed half-way or started twice."""

import fcntl
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "requirements/setup.sh"

# A Python that does only what the set-up asks of one, and writes it down: it "makes" an environment by copying
# itself there, "installs" nothing, and dies in the middle of that, with all of the set-up, if told to.
PYTHON = f"""#!/bin/sh
case "$*" in
    "-m venv "*) echo venv >>"$LOG"; mkdir -p "$3/bin" "$3/packages"
        cp "$0" "$3/bin/python"; cp "$0" "$3/bin/python3" ;;
    "-m pip "*) for lock; do :; done; echo "pip ${{lock##*/}}" >>"$LOG"
        if [ "${{DIE_IN:-}}" = "${{lock##*/}}" ]; then kill -9 $PPID; fi ;;
    *purelib*) echo "${{0%/bin/python}}/packages" ;;
    *) echo asked >>"$LOG"; exec {shlex.quote(sys.executable)} "$@" ;;
esac
"""
CONTROLLER = ["venv", "pip controller.lock", "pip plugins"]
ALL = [*CONTROLLER, "pip develop.lock"]


class Checkout:
    """A checkout with locks of its own; its own environment comes first in PATH, as in an activated shell."""

    def __init__(self, folder):
        self.root = folder / "it's a checkout"
        self.log = folder / "log"
        (self.root / "requirements").mkdir(parents=True)
        shutil.copy(SETUP, self.root / "requirements")
        for name in ("controller", "develop"):
            self.lock(name).write_text(f"# {name}\n")
        self.programs = folder / "bin"
        self.programs.mkdir()
        # By both names: an active .venv hides the first, and the machine's own must not be found before the second.
        for name in ("python3", "python3.13"):
            (self.programs / name).write_text(PYTHON)
            (self.programs / name).chmod(0o755)

    def lock(self, name):
        return self.root / f"requirements/{name}.lock"

    def start(self, *names, **environment):
        path = f"{self.root}/.venv/bin:{self.programs}:/usr/bin:/bin"
        return subprocess.Popen(
            [self.root / "requirements/setup.sh", *names],
            env={"PATH": path, "LOG": str(self.log), **environment},
            stderr=subprocess.PIPE,
            text=True,
        )

    def set_up(self, *names, **environment):
        """The exit code, and what was done since the last look."""
        process = self.start(*names, **environment)
        process.communicate()
        return process.returncode, [line for line in self.asked() if line != "asked"]

    def asked(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_it_sets_up_as_far_as_asked(checkout):
    assert checkout.set_up("controller") == (0, CONTROLLER)
    assert checkout.set_up("controller", "develop") == (0, ["pip develop.lock"])

    places = (checkout.root / ".venv/packages/fleet_stress.pth").read_text().splitlines()
    assert places == [str(checkout.root), str(checkout.root / "plugins")]


def test_what_stands_does_not_even_start_a_python(checkout):
    checkout.set_up("controller", "develop")

    for names in (["controller"], ["controller", "develop"]):
        process = checkout.start(*names)
        process.communicate()

        assert process.returncode == 0
        assert checkout.asked() == []


@pytest.mark.parametrize("lock", ["controller", "develop"])
def test_a_changed_lock_is_installed_into_nothing_old(checkout, lock):
    checkout.set_up("controller", "develop")
    checkout.lock(lock).write_text("# changed\n")

    assert checkout.set_up("controller", "develop") == (0, ALL)
    assert checkout.set_up("controller", "develop") == (0, [])


def test_killed_half_way_it_begins_again(checkout):
    assert checkout.set_up("controller", DIE_IN="controller.lock") == (-9, CONTROLLER[:2])

    assert checkout.set_up("controller") == (0, CONTROLLER)
    assert checkout.set_up("controller") == (0, [])


def test_killed_while_installing_what_tests_need(checkout):
    assert checkout.set_up("controller", "develop", DIE_IN="develop.lock") == (-9, ALL)

    assert checkout.set_up("controller") == (0, [])  # that was finished before, and stands
    assert checkout.set_up("controller", "develop") == (0, ALL)
    assert checkout.set_up("controller", "develop") == (0, [])


def test_killed_while_removing_it_does_not_look_finished(checkout):
    checkout.set_up("controller")
    (checkout.root / ".venv/bin/python").unlink()

    assert checkout.set_up("controller") == (0, CONTROLLER)


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout):
    checkout.set_up("controller")
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))

    assert checkout.set_up("controller") == (0, CONTROLLER)


def test_of_two_at_once_one_waits_and_then_has_nothing_to_do(checkout):
    with (checkout.root / ".venv.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [checkout.start("controller"), checkout.start("controller")]
        for process in both:
            assert "waiting" in process.stderr.readline()
        assert "venv" not in checkout.asked()

    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    assert [line for line in checkout.asked() if line != "asked"] == CONTROLLER
