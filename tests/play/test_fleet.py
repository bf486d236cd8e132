"""A fleet over ssh: hosts that are silent, lost or dying hold nobody back, and none becomes a hole in the results."""

import json
import os
import secrets
import subprocess

import pytest

from lab import needs
from lab.hosts import until
from lab.lab import ROOT, Lab

LACKING = needs.missing()
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason="a lab cannot be had: " + "; ".join(LACKING)),
    pytest.mark.root,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
WITHIN = 300.0
#: A link that is cut is noticed soon, so that tests need not wait for it.
IMPATIENT = "-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=2 -o ServerAliveCountMax=2"


class Fleet:
    """An operator with a lab of two hosts."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.results = lab, folder, folder / f"results-{secrets.token_hex(3)}"

    def start(self, *arguments, **variables):
        extra = {"stress_results_dir": str(self.results), **variables}
        return subprocess.Popen(
            [PLAYBOOK, "-i", str(self.lab.inventory), "-e", json.dumps(extra), "stress.yml", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "140", "ANSIBLE_SSH_ARGS": IMPATIENT},
        )

    def run(self, *arguments, **variables):
        """Exit code and all that was said."""
        process = self.start(*arguments, **variables)
        said, _ = process.communicate()
        return process.returncode, said

    @property
    def hosts(self):
        return json.loads((self.results / "latest/results.json").read_text())["hosts"]

    def verdicts(self, host):
        return {scenario["scenario"]: scenario["verdict"] for scenario in self.hosts[host]["scenarios"]}

    def has_result(self, host):
        return (self.results / "latest/hosts" / host / "result.json").exists()

    def holder(self, host):
        """What the living run of a host says of itself; None: there is none."""
        said = self.lab.inside(host, ["cat", "/var/lib/fleet-stress/lock"], check=False).stdout
        try:
            found = json.loads(said)
        except ValueError:
            return None
        alive = self.lab.inside(host, ["kill", "-0", str(found["pid"])], check=False).returncode == 0
        return found if alive and "run_id" in found else None  # tidying holds it too

    def begun(self, host):
        """Names of the scenarios that were begun in the living run of a host, in order."""
        holder = self.holder(host)
        if holder is None:
            return []
        journal = f"/var/lib/fleet-stress/runs/{holder['run_id']}/journal.jsonl"
        lines = self.lab.inside(host, ["cat", journal], check=False).stdout.splitlines()
        whole = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [character["scenario"] for character in whole if character["what"] == "scenario_started"]


def until_mid_run(fleet, playing, scenarios):
    """Wait until so many scenarios have begun on lab01; a command that ends before says why."""
    until(lambda: len(fleet.begun("lab01")) >= scenarios or playing.poll() is not None, "mid-run", WITHIN)
    assert playing.poll() is None, playing.communicate()[0]


PLAYBOOK = str(ROOT / ".venv/bin/ansible-playbook")


@pytest.fixture(scope="module")
def fleet_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fleet")


@pytest.fixture(scope="module")
def lab(fleet_folder):
    with Lab.up(fleet_folder / "lab", 2) as up:
        Fleet(up, fleet_folder).run("--tags", "provision")
        yield up


@pytest.fixture
def fleet(lab, fleet_folder):
    return Fleet(lab, fleet_folder)


def test_neither_a_silent_host_nor_a_reader_that_leaves_holds_anybody_back(fleet):
    fleet.lab.mute("lab02")
    try:
        # So long it is waited for: only if lab01 does not wait with it can its result be here before.
        playing = fleet.start(scenarios="sigterm", ansible_ssh_timeout=600)
        playing.stdout.readline()
        playing.stdout.close()  # `make stress | head -1`, or a collector of logs that died
        until(lambda: fleet.has_result("lab01"), "lab01 has brought its result", WITHIN)
        assert playing.poll() is None
        assert not fleet.has_result("lab02")
    finally:
        fleet.lab.unmute("lab02")

    assert playing.wait() == 0
    assert fleet.verdicts("lab01") == fleet.verdicts("lab02") == {"baseline": "passed", "sigterm": "passed"}


def test_a_host_that_never_answers_and_one_that_is_lost_in_mid_run_are_unreachable(fleet):
    fleet.lab.link_down("lab02")
    long = {"profile": "standard", "scenarios": "rapid_restart"}
    playing = fleet.start(**long, ansible_ssh_timeout=3, stress_unreachable_within=1)
    try:
        until_mid_run(fleet, playing, 2)
        fleet.lab.link_down("lab01")
        said, _ = playing.communicate()
    finally:
        fleet.lab.link_up("lab01")
        fleet.lab.link_up("lab02")

    assert playing.returncode != 0
    assert {host["verdict"] for host in fleet.hosts.values()} == {"unreachable"}
    assert set(fleet.verdicts("lab01").values()) == {"error"}
    assert "lab02 could not be reached: " in fleet.hosts["lab02"]["problem"]
    assert "lab01 could not be reached any more: " in fleet.hosts["lab01"]["problem"]
    assert "its run goes on there" in fleet.hosts["lab01"]["problem"].lower()
    assert "nothing was run; 2 hosts unreachable: lab01, lab02" in said

    # Its run went on without anybody. Ended there, it still is what the same command asks for.
    fleet.lab.inside("lab01", ["kill", "-TERM", str(fleet.holder("lab01")["pid"])])
    until(lambda: not fleet.holder("lab01"), "the run on lab01 has ended", WITHIN)
    _, said = fleet.run("-l", "lab01", **long)

    assert "lab01: attached to run" in said
    assert fleet.hosts["lab01"]["stopped"]["by"] == "SIGTERM"
    assert fleet.verdicts("lab01") == {"baseline": "passed", "rapid_restart": "error"}


def test_a_supervisor_that_dies_is_given_its_plan_once_more(fleet):
    playing = fleet.start("-l", "lab01", scenarios="rapid_restart,sigterm,sigint")
    until_mid_run(fleet, playing, 2)
    fleet.lab.inside("lab01", ["kill", "-KILL", str(fleet.holder("lab01")["pid"])])
    said, _ = playing.communicate()

    assert "its supervisor died; the plan is handed over once more" in said
    assert len(fleet.verdicts("lab01")) == 4
    assert {"passed"} <= set(fleet.verdicts("lab01").values()) <= {"passed", "error"}
    assert fleet.hosts["lab01"]["problem"] is None
