"""From a fresh host to the verdicts, again and again, until nothing of ours is left."""

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


def test_every_row_passes_on_the_reference_bot_and_nothing_is_left(fresh_play):
    # The two others that visit points go the same way: tests/mutants/test_healthy.py.
    code, said = fresh_play.run(scenarios="all,-errors_at_every_point,-power_cut")

    assert code == 0, said
    assert {name for name, verdict in fresh_play.verdicts().items() if verdict == "passed"} >= ROWS
    assert set(fresh_play.verdicts().values()) <= {"passed", "skipped"}
    assert fresh_play.document["hosts"]["here"]["verify"] == []
    suites = junitparser.JUnitXml.fromfile(str(fresh_play.results / "latest/junit.xml"))
    assert (suites.failures, suites.errors) == (0, 0)
    assert suites.tests == len(fresh_play.verdicts())
    entry = fresh_play.document["hosts"]["here"]["scenarios"][-1]
    inventory = f"-i {fresh_play.folder}/inventory.json"
    where = f"-e stress_results_dir={fresh_play.results}"
    assert f"{inventory} {where} -l here -e bot=reference" in entry["repeat"]
    assert entry["repeat"].endswith(f"-e scenarios={entry['scenario']}")

    code, said = fresh_play.run("-v", "--tags", "provision")
    assert code == 0, said
    assert recap(said)["changed"] == 0

    code, said = fresh_play.run("-v", "--tags", "report")
    assert code == 0, said
    assert recap(said)["changed"] == 0


def test_check_of_the_stage_provision_says_what_it_would_do_and_does_nothing(fresh_play):
    code, said = fresh_play.run("-v", "--check", "--diff", "--tags", "provision", scenarios="sigterm")

    assert code == 0, said
    assert recap(said)["changed"] > 3
    assert '+{"made_by": "fleet-stress"}' in said
    assert list(fresh_play.places.iterdir()) == []
    assert not fresh_play.results.exists()


def test_check_of_the_whole_job_shows_the_plan_and_does_nothing(fresh_play, tmp_path):
    fresh_play.host("forbidden", stress_allowed=False)
    cache = tmp_path / "cache"

    code, said = fresh_play.run("--check", scenarios="sigterm,unplug_by_hand", stress_cache_dir=str(cache))

    assert code == 0, said
    assert re.search(r"^here +3 +- +\d+ (s|min)$", said, re.MULTILINE)
    assert "not used: forbidden: is not to be stressed" in said
    assert "nothing was run (--check): 1 host would be, about" in said
    assert list(fresh_play.places.iterdir()) == []
    assert not fresh_play.results.exists()
    assert not cache.exists()
