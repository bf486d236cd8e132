"""The playbooks as an operator runs them: real ansible-playbook, local hosts, each with a folder of its own."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.foreign_words import FOREIGN

ROOT = Path(__file__).parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


class Play:
    """One operator: an inventory, a results folder, and a bots' user that nobody else has."""

    def __init__(self, folder, places, user):
        self.folder, self.results, self.places, self.user = folder, folder / "results", places, user
        self.hosts = {}
        self.host("here")

    def host(self, name, **variables):
        """A host is this machine, with a folder of its own."""
        own = {"ansible_connection": "local", "stress_allowed": True, "stress_dir": str(self.places / name)}
        self.hosts[name] = {**own, "stress_user": self.user, **variables}
        # Somebody else's variables with the names of our words: every play here shows that nothing acts on them.
        inventory = {"all": {"vars": FOREIGN}, "linux": {"hosts": self.hosts}}
        (self.folder / "inventory.json").write_text(json.dumps(inventory))

    def command(self, *arguments, playbook="stress.yml", **variables):
        extra = {"stress_results_dir": str(self.results), **variables}
        inventory = str(self.folder / "inventory.json")
        return [str(PLAYBOOK), "-i", inventory, "-e", json.dumps(extra), playbook, *arguments]

    def start(self, *arguments, **variables):
        return subprocess.Popen(
            self.command(*arguments, **variables),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "140"},
        )

    def run(self, *arguments, **variables):
        """Exit code and all that was said."""
        process = self.start(*arguments, **variables)
        said, _ = process.communicate()
        return process.returncode, said

    @property
    def document(self):
        return json.loads((self.results / "latest/results.json").read_text())

    def verdicts(self, host="here"):
        return {
            scenario["scenario"]: scenario["verdict"]
            for scenario in self.document["hosts"][host]["scenarios"]
        }

    def run_ids(self):
        return sorted(
            path.parent.name for path in self.results.glob("*/run.json") if not path.parent.is_symlink()
        )


@contextlib.contextmanager
def places():
    """A folder for hosts; a purge leaves nothing in it."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-play-", dir="/var/lib"))
    folder.chmod(0o755)
    yield folder
    left = sorted(str(path) for path in folder.rglob("*"))
    shutil.rmtree(folder)
    assert left == [], "purge left something behind"


def purge(play):
    if (play.places / "here").exists():
        play.hosts = {}
        play.host("here")
        code, said = play.run("--tags", "cleanup", purge=True)
        assert code == 0, said


@pytest.fixture
def fresh_play(tmp_path):
    """An operator whose host has never seen us."""
    with places() as folder:
        play = Play(tmp_path, folder, f"fs-test-{secrets.token_hex(3)}")
        yield play
        purge(play)


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory):
    """A host that many tests use, one after the other: it is provisioned once for each of the two groups of xdist."""
    with places() as folder:
        user = f"fs-test-{secrets.token_hex(3)}"
        yield folder, user
        purge(Play(tmp_path_factory.mktemp("purge"), folder, user))


@pytest.fixture
def play(tmp_path, provisioned):
    """An operator with an inventory and results of their own."""
    return Play(tmp_path, *provisioned)


def bot(folder, main, **profile):
    """A bot of a few lines, and its profile; returns the variables that choose it."""
    source = folder / "bot"
    source.mkdir(exist_ok=True)
    if main is not None:
        (source / "main.py").write_text(main)
    document = {
        "name": "small",
        "title": "A bot of a few lines",
        "argv": ["${python}", "main.py"],
        "environment": {"STATE_DIR": "${state_dir}"},
        "settings": {
            "scan_interval": {"variable": "SCAN_INTERVAL_SECONDS"},
            "max_cycles": {"variable": "MAX_CYCLES"},
        },
        "cycle": {"file": "health", "field": "cycles"},
        "state": {"health": {"path": "health.json", "rewritten": "cycle"}},
        "first_cycle_within": "20s",
        "cpu_share": 0.2,
        "memory_mb": 30,
        "cycle_seconds": 0.05,
        **profile,
    }
    (folder / "small.yml").write_text(json.dumps(document))
    return {"bot": str(folder / "small.yml"), "bot_source": str(source), "scenarios": "baseline"}
