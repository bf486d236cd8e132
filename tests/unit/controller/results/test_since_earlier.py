"""What is new since an earlier run: new failures first."""

import json
import shutil

import pytest
from fleet_controller.results.since_earlier import check, since
from fleet_controller.messages.errors import UserError
from fleet_controller.untrusted.atomic_files import write_atomic
from fleet_controller.catalogue.project import Project
from fleet_controller.report.report import write
from fleet_controller.runs.run_folder import close_run
from fleet_controller.report.run_table import table

FAILED = ("failed", "start 2 exited 1")
NOTHING = ("not_exercised", "the fault was not met")


@pytest.fixture
def reported(run):
    """Runs one after the other, an hour between any two; the id of each."""
    began = []

    def report(*hosts, asked=(), **verdicts):
        names = hosts or ("h1",)
        run.begin(*names)
        for name in names:
            run.comes_back(name, **verdicts)
        path = run.folder / "run.json"
        began.append(f"2026-11-24T{len(began) + 1:02}:00:00+00:00")
        changes = {"started": began[-1], **({"scenarios": list(asked)} if asked else {})}
        write_atomic(path, {**json.loads(path.read_text()), **changes})
        close_run(run.results_dir, run.run_id)
        write(run.folder, run.collect())
        return run.run_id

    return report


def told(run, asked=""):
    found = since(run.results_dir, run.collect(), asked, Project())
    return found and {
        "run": found["run_id"],
        **{
            name: [entry["scenario"] for entry in some]
            for name, some in found.items()
            if isinstance(some, list) and some
        },
    }


def test_the_first_run_of_all_has_nothing_before_it(run, reported):
    reported()
    assert told(run) is None


def test_what_was_broken_what_was_mended_and_what_stayed(run, reported):
    before = reported(corrupt_state=FAILED, sigkill_restart=FAILED)
    reported(baseline=FAILED, sigkill_restart=FAILED)
    assert told(run) == {
        "run": before,
        "new": ["baseline"],
        "fixed": ["corrupt_state"],
        "still": ["sigkill_restart"],
    }


@pytest.mark.parametrize(
    ("old", "new", "group"),
    [
        (NOTHING, FAILED, "new"),
        (FAILED, NOTHING, "unknown"),
        (("passed",), NOTHING, "unknown"),
        (NOTHING, ("passed",), None),
        (("skipped", "no"), ("error", "ours"), None),
        (("passed",), ("passed",), None),
    ],
)
def test_what_proves_nothing_mends_nothing(run, reported, old, new, group):
    before = reported(baseline=old)
    reported(baseline=new)
    assert told(run) == {"run": before, **({group: ["baseline"]} if group else {})}


def test_a_report_made_again_is_not_compared_with_what_came_later(run, reported):
    first = reported()
    reported(baseline=FAILED)
    folder = run.folder
    reported()
    run.folder = folder
    assert told(run) == {"run": first, "new": ["baseline"]}


def test_another_run_by_its_name_and_none_at_all(run, reported):
    first = reported(baseline=FAILED)
    reported()
    reported()
    assert told(run, first) == {"run": first, "fixed": ["baseline"]}
    assert told(run, "none") is None


def test_an_earlier_run_that_is_damaged_is_passed_over(run, reported):
    first = reported()
    reported()
    (run.folder / "results.json").write_text("{")
    reported()
    assert told(run) == {"run": first}


def test_a_run_of_one_row_in_between_is_not_compared_with(run, reported):
    """Somebody has repeated what failed; what became of all the rest is in the run before."""
    whole = reported("h1", "h2")
    reported("h1", asked=["baseline"])
    reported("h1", "h2", sigkill_restart=FAILED)
    assert told(run) == {"run": whole, "new": ["sigkill_restart", "sigkill_restart"]}


def test_some_rows_are_better_than_none(run, reported):
    part = reported("h1", "h2", "h3", asked=["baseline"])
    reported("h1", "h2")
    assert told(run) == {"run": part}


@pytest.mark.parametrize("others", [["h9"], ["h1"], ["h2", "h9"]])
def test_a_run_of_other_hosts_is_not_compared_with(run, reported, others):
    """Of a host that was not there nobody knows what is new."""
    before = reported("h1", "h2", "h3", baseline=FAILED)
    reported(*others)
    reported("h1", "h2", baseline=FAILED)
    assert told(run) == {"run": before, "still": ["baseline", "baseline"]}


def test_a_run_that_was_refused_everywhere_is_not_compared_with(run, reported):
    before = reported("h1", baseline=FAILED)
    reported("h1")
    shutil.rmtree(run.folder / "hosts")
    write(run.folder, run.collect({"h1": "host is busy"}))
    reported("h1", baseline=FAILED)
    assert told(run) == {"run": before, "still": ["baseline"]}


def test_a_part_of_a_merged_run_is_not_compared_with_the_whole(run, reported):
    """A merged run began when its first part did: the other parts began later."""
    before = reported()
    whole = reported()
    path = run.folder / "run.json"
    reported()
    merged = [{"run_id": run.run_id, "hosts": ["h1"]}, "no part"]
    write_atomic(path, {**json.loads(path.read_text()), "merged": merged})
    assert told(run) == {"run": before}
    write_atomic(path, {**json.loads(path.read_text()), "merged": [{"run_id": "another", "hosts": []}]})
    assert told(run) == {"run": whole}


@pytest.mark.parametrize(
    "about", [{"bot": "other"}, {"profile": "soak"}, {"state": "running"}, {"hosts": 3}, {"scenarios": None}]
)
def test_another_bot_and_what_has_not_ended_is_passed_over(run, reported, about):
    before = reported()
    reported(baseline=FAILED)
    path = run.folder / "run.json"
    write_atomic(path, {**json.loads(path.read_text()), **about})
    reported()
    assert told(run) == {"run": before}


def test_one_that_has_nothing_in_common_is_refused_where_it_was_asked_for(run, reported):
    other = reported("h9")
    reported("h1")
    with pytest.raises(UserError, match="they have no hosts in common"):
        told(run, other)


def test_it_is_looked_at_before_the_run_begins(run, reported):
    """Then there are no results yet, only what was asked for."""
    earlier = reported("h1")
    alike = {
        "run_id": "",
        "bot": "reference",
        "profile": "smoke",
        "scenarios": ["baseline"],
        "hosts": ["h1", "h2"],
    }
    assert check(run.results_dir, earlier, alike, Project()).run_id == earlier
    assert check(run.results_dir, "None", alike, Project()) is None
    for changes, why in (
        ({"hosts": ["h2"]}, "they have no hosts in common"),
        ({"scenarios": ["sigint"]}, "they have no scenarios in common"),
        ({"profile": "soak"}, "profile: smoke and soak"),
    ):
        with pytest.raises(UserError, match=why):
            check(run.results_dir, earlier, {**alike, **changes}, Project())


def test_a_host_that_was_lost_mends_nothing_and_breaks_nothing(run, reported):
    before = reported("h1", "h2", baseline=FAILED)
    run.begin("h1", "h2")
    run.comes_back("h1", baseline=FAILED)
    lost = run.collect({"h2": "UNREACHABLE: no route"}, {}, unreachable=["h2"])
    lost["started"] = "2026-11-24T09:00:00+00:00"
    found = since(run.results_dir, lost, "", Project())
    assert found["run_id"] == before
    assert [item["host"] for item in found["still"]] == ["h1"]
    assert found["new"] == found["fixed"] == found["unknown"] == []


def test_a_run_that_nothing_came_of_has_no_news(run, reported):
    reported("h1", baseline=FAILED)
    run.begin("h1")
    refused = run.collect({"h1": "host is busy"})
    refused["started"] = "2026-11-24T09:00:00+00:00"
    assert since(run.results_dir, refused, "", Project()) is None


def test_one_that_cannot_be_compared_is_refused_where_it_was_asked_for(run, reported):
    reported()
    for asked, why in (
        (run.run_id, "is this one"),
        ("latest", "names no earlier run"),
        ("2026", "there is no run"),
    ):
        with pytest.raises(UserError, match=why):
            told(run, asked)


def test_new_failures_stand_in_the_table_by_name(run, reported):
    before = reported()
    reported(baseline=FAILED)
    results = run.collect()
    results["earlier"] = since(run.results_dir, results, "", Project())
    lines = table(results, "results/x").splitlines()
    assert f"since run {before}: 1 failed that did not before" in lines
    assert "   new: h1: 0 baseline: start 2 exited 1" in lines
