"""What did not pass, by its cause: one thing to repair is one group, on however many hosts and rows."""

from fleet_controller.report.shared_causes import shared_causes
from fleet_controller.results.causes import causes

from tests.unit.controller.results.test_known import EXIT, TRACE, UNPROVED, row


def of(*hosts):
    """The causes of hosts, each with its rows."""
    return causes({f"h{n}": {"engine": "0.1.0", "scenarios": rows} for n, rows in enumerate(hosts, start=1)})


def cells(cause, word="cells"):
    return [(cell["host"], cell["scenario"]) for cell in cause[word]]


def test_the_same_on_hosts_and_rows_is_one_whatever_the_numbers():
    died = {**EXIT, "reason": "start 1 ended with exit code 1, where 0 was expected; its last words: cycle 4"}
    later = {**EXIT, "reason": "start 2 ended with exit code 3, where 0 was expected; its last words: bye"}
    (cause,) = of([row("sigterm", died), row("sigint", later)], [row("sigterm", later)])
    assert cells(cause) == [("h1", "sigterm"), ("h1", "sigint"), ("h2", "sigterm")]
    assert cause["reason"] == died["reason"]


def test_another_subject_or_another_way_to_fail_is_another_cause():
    killed = {**EXIT, "reason": "start 1 died of SIGSEGV, where exit code 0 was expected"}
    finished = {**EXIT, "subject": "finished"}
    assert len(of([row("a", EXIT), row("b", killed), row("c", finished), row("d", TRACE)])) == 4


def test_what_follows_from_another_finding_is_no_cause_of_its_own():
    follows = {**EXIT, "follows": {"check": TRACE["check"], "subject": TRACE["subject"]}}
    (cause,) = of([row("sigterm", TRACE, follows)])
    assert cause["check"] == "no_traceback"


def test_rows_that_the_baseline_masks_belong_to_its_cause():
    follows = {**EXIT, "follows": {"check": TRACE["check"], "subject": TRACE["subject"]}}
    baseline = row("baseline", TRACE, follows, number="0")
    (cause,) = of([baseline, row("sigterm", masked=[TRACE]), row("sigint", masked=[EXIT], number="3.2")])
    assert cells(cause) == [("h1", "baseline")]
    assert cells(cause, "masked") == [("h1", "sigterm"), ("h1", "sigint")]


def test_failures_come_first_then_what_is_most_frequent():
    rows = [row("a", UNPROVED), row("b", UNPROVED), row("c", EXIT), row("d", TRACE), row("e", TRACE)]
    error = {**row("f"), "verdict": "error", "reasons": ["no arena"]}
    found = of([*rows, error])
    assert [(cause["verdict"], len(cause["cells"])) for cause in found] == [
        *(("failed", 2), ("failed", 1), ("error", 1), ("not_exercised", 2))
    ]


def test_what_is_green_advice_or_never_ran_has_no_cause():
    known = {**row("a"), "verdict": "known", "known": [EXIT]}
    advice = {**row("b", EXIT), "advice": True}
    assert of([row("c"), known, advice]) == []
    assert causes({"h1": {"engine": None, "scenarios": [row("a", EXIT)]}}) == []


def test_crash_points_of_a_scenario_are_one_cause_where_the_same_went_wrong():
    points = [
        {**EXIT, "check": "visit", "subject": f"kill:{n}", "reason": f"kill before write {n}: exit code 1; to repeat {n}"}
        for n in "abc"
    ]
    (cause,) = of([row("crash_points", *points)])
    assert cells(cause) == [("h1", "crash_points")]


def test_a_cause_of_one_row_is_told_there_and_one_of_several_also_by_itself():
    results = {"hosts": {"h1": {"scenarios": [row("a", EXIT), row("b", EXIT, number="3.2"), row("c", TRACE)]}}}
    results["causes"] = of(results["hosts"]["h1"]["scenarios"])
    (cause,) = shared_causes(results)
    assert cause == ("failed", "2 rows: 3.1 a, 3.2 b", "h1", "exit code 1")
