"""From a fresh host to the verdicts, again and again, until nothing of ours is left."""

import json
import re

import junitparser
import pytest

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow, pytest.mark.timeout(600)]

ROWS = {
    "baseline",
    "rapid_restart",
    "corrupt_state_truncated",
    "corrupt_ledger",
    "empty_state",
    "backup_used",
    "sigterm",
    "sigint",
    "sigkill_restart",
}


def recap(said):
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", said.splitlines()[-2])}


def test_every_row_passes_on_the_reference_bot_and_nothing_is_left(play):
    code, said = play.run()

    assert code == 0, said
    assert {name for name, verdict in play.verdicts().items() if verdict == "passed"} >= ROWS
    assert set(play.verdicts().values()) <= {"passed", "skipped"}
    assert play.document["hosts"]["here"]["verify"] == []
    suites = junitparser.JUnitXml.fromfile(str(play.results / "latest/junit.xml"))
    assert (suites.failures, suites.errors) == (0, 0)
    assert suites.tests == len(play.verdicts())

    code, said = play.run("--tags", "provision")
    assert code == 0, said
    assert recap(said)["changed"] == 0

    code, said = play.run("--tags", "report")
    assert code == 0, said
    assert recap(said)["changed"] == 0


def test_check_mode_says_what_it_would_do_and_does_nothing(play):
    code, said = play.run("--check", "--diff", scenarios="sigterm")

    assert code == 0, said
    assert recap(said)["changed"] > 5
    assert '+{"made_by": "fleet-stress"}' in said
    assert list(play.places.iterdir()) == []
    assert not play.results.exists()


def test_the_commands_that_repeat_a_scenario_are_whole(play):
    play.run(scenarios="sigterm")

    entry = next(one for one in play.document["hosts"]["here"]["scenarios"] if one["scenario"] == "sigterm")
    assert entry["repeat"].endswith("-e scenarios=sigterm")
    assert f"-i {play.folder}/inventory.json -l here -e bot=reference" in entry["repeat"]


def test_results_keep_to_their_schema(play):
    play.run(scenarios="sigterm")

    for path in (play.results / "latest/results.json", play.results / "latest/hosts/here/result.json"):
        assert json.loads(path.read_text())["format"] == 1
