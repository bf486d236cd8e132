"""One run over Linux hosts and a host that plays a Mac (a double: lab/macos.py), with results by platform."""

import json
import os
import subprocess

import pytest

from lab import needs
from lab.lab import ROOT, Lab

LACKING = needs.missing()
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason="a lab cannot be had: " + "; ".join(LACKING)),
    pytest.mark.root,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
PLAYBOOK = str(ROOT / ".venv/bin/ansible-playbook")
MAC = "mac01-double"
#: Rows that no Linux is needed for.
SURVIVED = [
    "baseline",
    "sigterm",
    "sigkill_restart",
    "corrupt_ledger",
    "throttled",
    "proxy_close",
    "numpy_import_error",
    "tls_unverified",
    "state_vanishes",
    "reader_polls",
    "slow_disk_latency",
]
#: One that only Linux can.
ONLY_LINUX = "read_only_state"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mixed")


@pytest.fixture(scope="module")
def lab(folder):
    with Lab.up(folder / "lab", 1, macs=1) as up:
        yield up


def play(lab, folder, *words, **variables):
    extra = {"stress_results_dir": str(folder / "results"), **variables}
    done = subprocess.run(
        [PLAYBOOK, "-i", str(lab.inventory), "-e", json.dumps(extra), *words],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "140", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def of_double(lab):
    """What the double's programs were asked, and what of it stands."""
    state = lab.root_of(MAC) / "usr/local/lib/macos-double/state/mac.json"
    return json.loads(state.read_text())


def test_a_mixed_fleet_in_one_run_with_results_by_platform(lab, folder):
    assert lab.inside(MAC, ["uname", "-sr"], check=False).returncode == 1, (
        "a strict double: one option at a time"
    )
    assert lab.inside(MAC, ["uname", "-s"]).stdout == "Darwin\n"

    code, said = play(lab, folder, "stress.yml", scenarios=",".join([*SURVIVED[1:], ONLY_LINUX]))

    assert code == 0, said
    results = json.loads((folder / "results/latest/results.json").read_text())
    for host, system in {"lab01": "Linux", MAC: "Darwin"}.items():
        entry = results["hosts"][host]
        assert entry["system"]["system"] == system
        expected = dict.fromkeys(SURVIVED, "passed")
        expected[ONLY_LINUX] = "passed" if system == "Linux" else "skipped"
        assert {scenario["scenario"]: scenario["verdict"] for scenario in entry["scenarios"]} == expected
    platforms = results["platforms"]
    assert (platforms["Linux"]["hosts"], platforms["Linux"]["counts"]["passed"]) == (1, len(SURVIVED) + 1)
    assert (platforms["macOS"]["hosts"], platforms["macOS"]["counts"]["passed"]) == (1, len(SURVIVED))
    assert platforms["macOS"]["counts"]["skipped"] == 1
    # A person sees that it is a double: in the table, on the page, in the summary.
    line = f"macOS 23.6.0-double: {len(SURVIVED)} passed, 1 skipped on 1 host"
    assert line in said
    assert line in (folder / "results/latest/index.html").read_text()
    assert "23.6.0-double" in (folder / "results/latest/summary.md").read_text()

    # By macOS's own means: the user in the directory, the watchdog launchd's, and the Mac kept awake; nothing stands.
    calls = [" ".join(call[:3]) for call in of_double(lab)["calls"]]
    assert {"dscl . -create", "launchctl bootstrap system", "caffeinate -i -m"} <= set(calls)
    assert of_double(lab)["launchd"] == {}


def test_a_purge_leaves_the_double_as_it_was(lab, folder):
    code, said = play(lab, folder, "-l", "macos", "stress.yml", "--tags", "provision")
    assert code == 0, said
    assert "fleet-stress" in of_double(lab)["directory"]["Users"]

    code, said = play(lab, folder, "-l", "macos", "stress.yml", "--tags", "cleanup", purge=True)

    assert code == 0, said
    directory = of_double(lab)["directory"]
    assert "fleet-stress" not in directory["Users"] and "fleet-stress" not in directory["Groups"]
    assert lab.inside(MAC, ["ls", "/usr/local/var"]).stdout == ""
    # Other tests' users may be in the copy as well: they run on this machine meanwhile.
    users = (lab.disk_of(MAC) / "upper/etc/passwd").read_text().splitlines()
    assert "fleet-stress" not in [user.split(":")[0] for user in users]
