"""A host that could not be reached has a verdict of its own, and keeps it when the report is made again."""

import json

from fleet_controller.catalogue import schema
from fleet_controller.report.junit import junit
from fleet_controller.report.report import complaint, write
from fleet_controller.report.run_summary import summary
from fleet_controller.report.run_table import table
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

GONE = "h2 could not be reached: no route to host."
USUAL = ("failed", "error", "not_exercised")


def two_hosts(run):
    run.begin("h1", "h2")
    run.comes_back("h1")
    return run.collect({"h2": GONE}, {}, unreachable=["h2"])


def test_the_host_is_unreachable_its_scenarios_and_the_run_are_errors(run):
    results = two_hosts(run)
    Draft202012Validator(schema.stored("results")).validate(json.loads(json.dumps(results)))
    host = results["hosts"]["h2"]
    assert (host["verdict"], results["verdict"], results["hosts"]["h1"]["verdict"]) == (
        *("unreachable", "error", "passed"),
    )
    assert {scenario["verdict"] for scenario in host["scenarios"]} == {"error"}
    assert host["scenarios"][0]["reasons"] == [f"not run: {GONE}"]


def test_the_counts_line_tells_what_was_run_and_who_was_not_there(run):
    results = two_hosts(run)
    assert summary(results) == "3 passed on 1 host; 1 host unreachable: h2"
    sentence = "h2: no result (3 rows): could not be reached: no route to host."
    assert sentence in table(results, "results/x").splitlines()
    assert complaint(results, USUAL, "results/x") == "FAILED: 1 host unreachable; see results/x/index.html"


def test_a_whole_fleet_that_is_gone_is_told_as_such(run):
    names = [f"h{number}" for number in range(14)]
    run.begin(*names)
    results = run.collect({name: GONE.replace("h2", name) for name in names}, {}, unreachable=names)
    assert summary(results) == "nothing was run; 14 hosts unreachable: h0, h1, h2 and 11 more"
    lines = table(results, "results/x").splitlines()
    assert lines[0] == "h0, h1, h2 and 11 more: no result (3 rows): could not be reached: no route to host."


def test_a_host_lost_after_its_result_had_come_keeps_its_verdicts(run):
    run.begin("h1")
    run.comes_back("h1")
    results = run.collect({"h1": GONE}, {}, unreachable=["h1"])
    assert results["hosts"]["h1"]["verdict"] == "unreachable"
    assert results["counts"]["passed"] == 3
    assert summary(results) == "3 passed on 1 host; 1 host unreachable: h1"


def test_one_with_a_problem_of_another_kind_is_not_unreachable(run):
    run.begin("h1", "h2")
    results = run.collect({"h1": "not to be stressed", "h2": GONE}, {}, unreachable=["h2"])
    assert [host["verdict"] for host in results["hosts"].values()] == ["error", "unreachable"]


def test_a_report_made_again_still_knows(run):
    results = two_hosts(run)
    write(run.folder, results)
    assert run.collect()["hosts"]["h2"]["verdict"] == "unreachable"
    assert write(run.folder, run.collect()).changed is False


def test_who_is_reached_later_is_reached(run):
    results = two_hosts(run)
    write(run.folder, results)
    run.comes_back("h2")
    assert run.collect({}, {}, unreachable=[])["hosts"]["h2"]["verdict"] == "passed"


def test_junit_has_a_case_that_says_so(run):
    suites = JUnitXml.fromstring(junit(two_hosts(run)))
    [case] = next(suite for suite in suites if suite.name == "h2")
    assert case.result[0].type == "unreachable"
    assert case.result[0].message == "no result (3 rows): could not be reached: no route to host."
    assert GONE in case.result[0].text
