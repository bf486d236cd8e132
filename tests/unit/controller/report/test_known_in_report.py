"""What the formats say of known findings, of what is gone, and of the checks that held all the same."""

from xml.etree import ElementTree

import pytest
from fleet_controller.report.annotations import workflow_commands
from fleet_controller.report.junit import junit
from fleet_controller.report.markdown import summary
from fleet_controller.report.page.details import detail
from fleet_controller.report.page.model import model
from fleet_controller.report.prometheus import metrics
from fleet_controller.report.run_table import table

from tests.unit.controller.report.test_junit import breaches
from tests.unit.controller.results.test_known import EXIT, TRACE, brings, listed, with_list

LIST = listed(EXIT, TRACE, rows=("3.3",), scenarios=("sigkill_restart",), link="https://x/7")
GONE = "known finding no_traceback 'KeyError at main.py' is no longer found in 3.3 sigkill_restart"


@pytest.fixture
def results(run):
    """One finding is known, another is gone, and a third is new."""
    run.begin("h1")
    new = {**EXIT, "check": "state_valid", "subject": "x", "reason": "x is gone"}
    brings(run, "h1", sigkill_restart=[EXIT], corrupt_state=[new])
    with_list(run, LIST)
    found = run.collect()
    for entry in found["hosts"]["h1"]["scenarios"]:
        (run.folder / entry["evidence"] / "evidence.json").write_text("{}")
    return found


def test_junit_skips_what_is_known_fails_what_is_gone_and_lists_the_checks(results):
    root = ElementTree.fromstring(junit(results))
    assert list(breaches(root)) == []
    known = root.find(".//testcase[@classname='row_3_3.sigkill_restart']")
    assert known.find("skipped").attrib == {"type": "known", "message": "known (v2 repairs it): exit code 1"}
    gone = root.find("testsuite[@name='known findings']/testcase/failure")
    assert gone.get("message").startswith(GONE)
    output = root.find(".//testcase[@classname='row_1_3A.corrupt_state']/system-out").text
    assert "held: exit_code" in output
    assert "failed: state_valid (x is gone)" in output


def test_the_terminal_tells_what_is_gone_and_how_many_checks_held(results):
    text = table(results, "results/x", width=200)
    assert GONE in text
    assert "x is gone (2 of 3 checks held)" in text
    assert "1 passed, 1 known, 1 failed on 1 host" in text
    assert "scenarios=sigkill_restart" not in text, "what is known needs no repeating"


def test_a_pull_request_and_a_monitor_see_it_too(results):
    text = summary(results).decode()
    assert "☑️ known" in text
    assert "is no longer found in 3.3" in text
    known = 'scenario="sigkill_restart",verdict="known"} 1.0'
    assert known in metrics(results).decode()


def test_a_commit_is_annotated_with_what_is_new_and_what_is_gone(results):
    told = workflow_commands(results)
    assert told[0] == "::error title=1.3A corrupt_state failed on h1::x is gone"
    assert told[1].startswith(f"::error title=a known finding is gone::{GONE}")
    assert len(told) == 2


def test_the_page_counts_it_and_a_cell_lists_its_checks(run, results):
    page = model(results, None)
    assert ("known", "known", 1) in page["words"]
    entry = results["hosts"]["h1"]["scenarios"][2]
    cell = detail(run.folder, entry)
    assert cell["accepted"] == ["exit code 1 (accepted: v2 repairs it; https://x/7)"]
    assert [(item["check"], item["state"]) for item in cell["checks"]] == [
        ("steps", "held"),
        ("exit_code", "held"),
        ("exit_code", "known"),
    ]
    assert cell["checks"][0]["title"] == "the scenario runs to its end"


def test_a_page_without_a_list_does_not_speak_of_known(run):
    run.begin("h1")
    run.comes_back("h1")
    assert "known" not in [word for word, *_ in model(run.collect(), None)["words"]]
