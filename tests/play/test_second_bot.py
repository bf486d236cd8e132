"""freqtrade, a bot of another house with another contract: the engine knows nothing of the first one.

It comes from a package index (600 MB), so this runs only when asked for: FLEET_STRESS_SECOND_BOT=1.
"""

import json

import pytest
import yaml
from fleet_controller.untrusted.packed_evidence import unpacked

from .conftest import ROOT, Play, places, purge

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.secondbot,
    pytest.mark.timeout(1800),
]

ROWS = ("baseline", "sigterm", "sigkill_restart", "corrupt_ledger", "disk_full_with_state", "kill_in_write")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A host with freqtrade on it, for all tests here: it takes a minute to install."""
    with places() as folder:
        play = Play(tmp_path_factory.mktemp("second"), folder, "fs-test-second")
        yield play
        purge(play)


@pytest.fixture(scope="module")
def run(host):
    """One run of some rows; what came of each, and its evidence."""
    code, said = host.run(bot="freqtrade", scenarios=",".join(ROWS))
    assert code == 2, said  # two rows fail, by the bot's fault
    return host


def evidence(run, scenario):
    with packed_or_not(run, scenario) as folder:
        return json.loads((folder / "evidence.json").read_text())


def packed_or_not(run, scenario):
    """The folder of its evidence: what passed is kept packed."""
    [path] = (run.results / "latest/hosts/here/evidence").glob(f"{scenario}*")
    return unpacked(path)


def reasons(run, scenario):
    found = next(
        entry for entry in run.document["hosts"]["here"]["scenarios"] if entry["scenario"] == scenario
    )
    return " ".join(found["reasons"])


def orders(run, scenario, snapshot):
    """What the database held, as it was read from the copy of it that is kept beside."""
    with packed_or_not(run, scenario) as folder:
        state = folder / "snapshots" / snapshot / "state"
        assert (state / "tradesv3.sqlite").read_bytes().startswith(b"SQLite format 3")
        return json.loads((state / "tradesv3.sqlite.read").read_text())["orders"]


def test_each_row_has_the_verdict_that_the_bot_deserves(run):
    assert run.verdicts() == {
        "baseline": "passed",
        "sigterm": "passed",
        "sigkill_restart": "passed",
        "kill_in_write": "passed",
        "corrupt_ledger": "failed",
        "disk_full_with_state": "failed",
    }
    assert run.document["hosts"]["here"]["verify"] == []


def test_its_cycles_are_told_by_its_own_lines_and_it_is_ended_by_a_signal(run):
    first, second = evidence(run, "baseline")["starts"]
    assert [start["cycles"][-1]["n"] >= count for start, count in ((first, 4), (second, 3))] == [True, True]
    assert [start["signals"][0]["signal"] for start in (first, second)] == ["TERM", "TERM"]
    assert orders(run, "baseline", "02-after") > orders(run, "baseline", "01-after") > 0


def test_what_it_had_committed_survives_a_kill(run):
    killed, after = evidence(run, "sigkill_restart")["starts"]
    assert killed["exit"]["signal"] == "KILL"
    assert orders(run, "sigkill_restart", "02-before") > 0
    assert orders(run, "sigkill_restart", "02-after") > orders(run, "sigkill_restart", "02-before")
    assert after["exit"]["code"] == 0


def test_kills_came_in_the_middle_of_a_transaction(run):
    kills = [
        signal
        for start in evidence(run, "kill_in_write")["starts"]
        for signal in start["signals"]
        if signal["signal"] == "KILL"
    ]
    assert len(kills) == 10
    assert all("tradesv3.sqlite" in kill["writing"] for kill in kills)


def test_it_does_not_start_on_a_database_that_is_none(run):
    [fault] = evidence(run, "corrupt_ledger")["faults"]
    assert fault["bit"]
    assert "the bot ended before (exit code 1)" in reasons(run, "corrupt_ledger")
    last = evidence(run, "corrupt_ledger")["starts"][-1]
    said = (run.results / "latest/hosts/here/evidence/corrupt_ledger" / last["stderr"]).read_text()
    assert "file is not a database" in said


def test_it_ends_when_its_disk_is_full(run):
    filled = next(
        fault for fault in evidence(run, "disk_full_with_state")["faults"] if fault["fault"] == "fill"
    )
    assert (filled["bit"], filled["proof"]["enospc"]) == (True, True)
    assert "the bot ended before (exit code 1)" in reasons(run, "disk_full_with_state")
    [volume] = [
        fault for fault in evidence(run, "disk_full_with_state")["faults"] if fault["fault"] == "ram_volume"
    ]
    assert volume["args"]["size"] == "10MB"  # the scenario's 1 MB is less than the bot needs


def test_the_same_bot_set_up_to_keep_its_trades_in_memory_fails(host, tmp_path):
    profile = yaml.safe_load((ROOT / "bots/freqtrade.yml").read_text())
    profile["name"] = "forgetful"
    profile["argv"] = [
        "--db-url=sqlite://" if word.startswith("--db-url") else word for word in profile["argv"]
    ]
    (tmp_path / "forgetful.yml").write_text(yaml.safe_dump(profile))

    code, said = host.run(bot=str(tmp_path / "forgetful.yml"), scenarios="baseline")

    assert code == 2, said
    assert host.verdicts() == {"baseline": "failed"}
    assert "state/tradesv3.sqlite is missing after start 2" in reasons(host, "baseline")
