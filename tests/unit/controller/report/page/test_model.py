"""What the page says at once."""

import pytest
from fleet_controller.catalogue.schema import stored
from fleet_controller.report.page import page
from fleet_controller.report.page.model import model
from fleet_controller.report.page.sections import section_of, sections
from fleet_controller.report.page.words import headline
from fleet_controller.results.causes import causes
from jsonschema import Draft202012Validator

from tests.page.fleet import Fleet, change, earlier

ROWS = [
    {"scenario": "baseline", "row": "0", "title": "Runs"},
    {"scenario": "corrupt_state", "row": "1.3A", "title": "Goes on"},
    {"scenario": "memory", "row": "2", "title": "Does not grow"},
]


def run(folder, hosts=2, **verdicts):
    """Two hosts and three rows; ``verdicts`` of a scenario, on the first host or, as a tuple, on each."""

    def of(number, scenario):
        wanted = verdicts.get(scenario, "passed")
        return wanted[number] if isinstance(wanted, tuple) else "passed" if number else wanted

    return Fleet(folder, hosts=hosts, rows=ROWS, verdict_of=of)


def checklist(fleet):
    return sections(fleet.results, list(fleet.results["hosts"]))


def said(fleet):
    return headline(fleet.results, checklist(fleet))


def test_the_fleet_of_these_tests_is_as_the_report_writes_it(tmp_path):
    fleet = run(tmp_path, memory="failed", corrupt_state="skipped").lose("db01")
    Draft202012Validator(stored("results")).validate(fleet.results)


@pytest.mark.parametrize(
    ("row", "title"),
    [("0", "Baseline"), ("1.1", "Restarts and pace"), ("1.3E", "Corrupt state"), ("1.5A", "Full and slow disks"),
     ("1.6D", "Floods of logs"), ("2", "Memory"), ("3.1B", "Signals"), ("4.3A", "Network"), ("5.2C", "Broken modules"),
     ("6.2", "Beyond the stress plan"), ("6.10", "Beyond the stress plan"),
     ("7.1", "Other rows"), ("10", "Other rows"), ("1.30", "Other rows"), ("20", "Other rows")],
)  # fmt: skip
def test_a_row_belongs_to_a_section_of_the_plan(row, title):
    assert section_of(row)[1] == title


def test_a_row_says_where_it_passed(tmp_path):
    found = checklist(run(tmp_path, hosts=3, memory=("failed", "passed", "not_exercised")))
    (memory,) = found[-1].rows
    assert memory.summary == "failed on web00; not exercised on mac02; passed on 1 of 3 hosts"
    assert (memory.verdict, found[-1].summary) == ("failed", "0 of 1 row passed on all hosts")
    assert found[0].rows[0].summary == "passed on 3 of 3 hosts"


def test_a_host_that_was_not_there_says_nothing_of_a_row(tmp_path):
    found = checklist(run(tmp_path).lose("db01"))
    assert found[0].rows[0].summary == "passed"
    lost = checklist(run(tmp_path, hosts=1).lose("web00"))
    assert (lost[0].rows[0].summary, lost[0].rows[0].verdict) == ("no host ran it", "error")


def test_the_run_in_one_sentence(tmp_path):
    assert said(run(tmp_path)) == "Passed: 3 of 3 rows"
    assert said(run(tmp_path, memory="failed", corrupt_state="error")) == "The bot failed in 1 of 3 rows"
    assert said(run(tmp_path, memory="not_exercised")) == "Nothing failed, but 1 of 3 rows proved nothing"
    assert said(run(tmp_path, memory="skipped", corrupt_state=("skipped", "skipped"))) == (
        "Passed: 2 of 3 rows (1 skipped, 1 skipped on some hosts)"
    )
    assert "an error of ours or a host's" in said(run(tmp_path, memory="error"))
    assert said(run(tmp_path).lose("db01")) == "All rows that ran passed, but not every host finished"


def test_a_run_in_which_nothing_failed_is_green_though_some_was_skipped(tmp_path):
    shown = model(run(tmp_path, memory=("skipped", "skipped")).results, None)
    assert (shown["verdict"], shown["headline"]) == ("passed", "Passed: 2 of 3 rows (1 skipped)")
    nothing = {row["scenario"]: ("skipped", "skipped") for row in ROWS}
    assert model(run(tmp_path, **nothing).results, None)["verdict"] == "skipped"


def test_a_cause_is_told_once_with_its_cells_and_what_to_fix(tmp_path):
    fleet = run(tmp_path, memory=("failed", "failed"), corrupt_state="failed", baseline=("passed", "error"))
    fleet.results["causes"] = causes(fleet.results["hosts"])
    failed, ours = model(fleet.results, None)["causes"]
    assert (failed["check"], failed["rows"], failed["hosts"]) == ("exit_code", 2, 2)
    assert failed["cells"][0] == {"host": "web00", "scenario": "corrupt_state", "row": "1.3A"}
    assert "SIGTERM" in failed["fix"]["fix"]
    assert (ours["verdict"], ours["fix"]) == ("error", None)


def test_a_remedy_is_told_with_the_first_cause_of_its_check(tmp_path):
    fleet = run(tmp_path, memory="failed", corrupt_state="failed")
    fleet.results["hosts"]["web00"]["scenarios"][2]["findings"][0]["subject"] = "terminated"
    fleet.results["causes"] = causes(fleet.results["hosts"])
    assert [bool(cause["fix"]) for cause in model(fleet.results, None)["causes"]] == [True, False]


def test_the_bar_is_as_wide_as_the_counts_and_the_slowest_row_comes_first(tmp_path):
    fleet = run(tmp_path, memory=("failed", "skipped"))
    fleet.results["hosts"]["db01"]["scenarios"][1]["seconds"] = 61.0
    shown = model(fleet.results, None)
    assert [(share["word"], share["count"]) for share in shown["shares"]] == [
        ("passed", 4),
        ("failed", 1),
        ("skipped", 1),
    ]
    assert sum(share["width"] for share in shown["shares"]) == pytest.approx(1000, abs=0.1)
    slowest = shown["slowest"][0]
    assert (slowest["scenario"], slowest["host"], slowest["took"], slowest["mean"]) == (
        "corrupt_state",
        "db01",
        "61 s",
        "35 s",
    )


def test_the_same_thing_on_several_hosts_is_told_once(tmp_path):
    shown = model(run(tmp_path, memory=("failed", "failed"), corrupt_state="skipped").results, None)
    (miss,) = shown["misses"]
    assert [name for _, name in miss["hosts"]] == ["web00", "db01"]
    assert [skip["scenario"] for skip in shown["skips"]] == ["corrupt_state"]


def test_a_lost_host_is_trouble_and_no_miss(tmp_path):
    shown = model(run(tmp_path).lose("db01").results, None)
    assert [item["name"] for item in shown["troubled"]] == ["db01"]
    assert shown["misses"] == []


def test_a_comparison_has_new_failures_first(tmp_path):
    since = earlier(
        still=[change("web00", ROWS[2], "failed", "failed")], new=[change("x", ROWS[1], "passed", "<b>")]
    )
    groups = model(run(tmp_path).results, since)["earlier"]["groups"]
    assert [(group["word"], group["count"]) for group in groups] == [
        ("new", 1),
        ("unknown", 0),
        ("fixed", 0),
        ("still", 1),
    ]
    assert groups[0]["items"][0]["new"] is None, "what is no verdict is not taken for one"
    assert groups[0]["items"][0]["there"] is False


def test_a_run_without_hosts_has_a_page(tmp_path):
    fleet = run(tmp_path, hosts=0)
    assert b"No host took part" in page(tmp_path, fleet.results)
