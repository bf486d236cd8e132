"""Two runs of the same plan: what got worse comes first, and what proved nothing is called neither better nor worse."""

import json

import pytest
from tests.messages.codes import says
from fleet_controller.catalogue import schema
from fleet_controller.results.compare import change, compare, complaint, proved
from fleet_controller.report.compare_table import compare_table
from fleet_controller.messages.errors import UserError
from fleet_controller.results.finished_run import find
from fleet_controller.hosts.compare_sources import asked_pair
from fleet_controller.catalogue.project import Project
from fleet_controller.report.report import write
from fleet_controller.runs.run_folder import close_run
from jsonschema import Draft202012Validator

from tests.unit.controller.finished_run import GIT, Run

FAILED = ("failed", "start 2 exited 1")
BOT = {"name": "tiny", "source": ""}


def finding(check, reason):
    return {"check": check, "subject": "start 2", "reason": reason, "verdict": "failed", "evidence": []}


@pytest.fixture
def ran(tmp_path):
    """Runs of one controller, by what came back: hosts with their verdicts."""

    def begin(ref, hosts, *, spoil=None):
        run = Run(tmp_path / "results")
        run.begin(*hosts, source={**GIT, "ref": ref})
        for name, verdicts in hosts.items():
            result = run.comes_back(name, **verdicts)
            if spoil:
                spoil(result)
                run.brings(name, json.dumps(result))
        write(run.folder, run.collect())
        close_run(run.results_dir, run.run_id)
        return find(run.results_dir, run.run_id, Project(), "old_run").results

    return begin


def compared(old, new):
    comparison = compare(old, new)
    Draft202012Validator(schema.stored("compare")).validate(json.loads(json.dumps(comparison)))
    return comparison


@pytest.mark.parametrize(
    ("old", "new", "became"),
    [
        ("passed", "failed", "worse"),
        ("failed", "passed", "better"),
        ("passed", "passed", "stayed"),
        ("failed", "failed", "stayed"),
        *((item, other, "not_compared") for item in ("passed", "failed") for other in ("error", "skipped")),
        *((item, item, "not_compared") for item in ("error", "skipped", "not_exercised", None)),
        ("not_exercised", "passed", "not_compared"),
        (None, "passed", "not_compared"),
        ("passed", None, "not_compared"),
    ],
)
def test_what_became_of_a_row(old, new, became):
    assert change(old, new) == became


def test_worse_comes_first_and_fails_the_play(ran):
    old = ran("v1", {"a": {"corrupt_state": FAILED}, "b": {}})
    new = ran("v2", {"a": {}, "b": {"sigkill_restart": FAILED, "corrupt_state": ("skipped", "no state")}})

    comparison = compared(old, new)

    assert comparison["counts"] == {"worse": 1, "not_compared": 1, "better": 1, "stayed": 3}
    first = [(row["change"], row["host"], row["scenario"]) for row in comparison["rows"][:3]]
    assert first == [
        ("worse", "b", "sigkill_restart"),
        ("not_compared", "b", "corrupt_state"),
        ("better", "a", "corrupt_state"),
    ]
    assert complaint(comparison, "x/compare.json") == "1 row got worse; see x/compare.json"


def test_what_failed_before_and_fails_now_is_no_reason_to_fail(ran):
    old = ran("v1", {"a": {"sigkill_restart": FAILED}})

    assert complaint(compared(old, ran("v2", {"a": {"sigkill_restart": FAILED}})), "x") is None


def test_where_nothing_was_proved_nothing_is_green(ran):
    dead = dict.fromkeys(("baseline", "corrupt_state", "sigkill_restart"), ("error", "the arena died"))

    comparison = compared(ran("v1", {"a": {}}), ran("v2", {"a": dead}))

    assert complaint(comparison, "x").startswith("nothing could be compared")


def test_the_same_red_may_be_another_red(ran):
    def found(*findings):
        return lambda result: result["scenarios"][2].update(findings=list(findings))

    one, other = finding("exit_code", "start 2 exited 1"), finding("state_valid", "ledger.json is no JSON")
    old = ran("v1", {"a": {"sigkill_restart": FAILED}}, spoil=found(one))
    new = ran("v2", {"a": {"sigkill_restart": FAILED}}, spoil=found(one, other))

    comparison = compared(old, new)

    assert comparison["rows"][-1]["new_findings"] == ["ledger.json is no JSON"]
    assert "failed before too; new is: ledger.json is no JSON" in " ".join(
        compare_table(comparison, "x", 200).split()
    )


def test_a_host_that_is_in_one_run_only_is_not_compared(ran):
    comparison = compared(ran("v1", {"a": {}, "b": {}}), ran("v2", {"a": {}, "c": {}}))

    assert comparison["counts"] == {"worse": 0, "not_compared": 6, "better": 0, "stayed": 3}
    table = compare_table(comparison, "x", width=160)
    assert "this host is not in the new run" in table
    assert "this host is not in the old run" in table


def test_the_table_names_rows_versions_and_what_to_type(ran):
    names = [f"h{number}" for number in range(1, 6)]
    old = ran("v1", {name: {} for name in names})
    new = ran("v2", {name: {"sigkill_restart": FAILED} for name in names})

    lines = compare_table(compared(old, new), "results/x/compare.json", width=140).splitlines()

    assert lines[1].split()[:5] == ["worse", "3.3", "sigkill_restart", "passed", "failed"]
    assert lines[1].endswith("h1, h2, h3 and 2 more  start 2 exited 1"), (
        "the same on several hosts is one line"
    )
    assert "5 worse, 10 stayed on 5 hosts" in lines
    assert f"old:     https://x.org/b.git at v1 (run {old['run_id']})" in lines
    assert f"new:     https://x.org/b.git at v2 (run {new['run_id']})" in lines
    again = [line for line in lines if line.startswith("again:")]
    assert len(again) == 5
    assert again[0].endswith(
        "-l h1 -e bot=reference -e bot_source=https://x.org/b.git -e bot_ref=v2"
        " -e profile=smoke -e scenarios=sigkill_restart"
    )


@pytest.mark.parametrize("width", [60, 100])
def test_no_text_of_a_host_reaches_the_terminal_as_it_is(ran, width):
    hostile = "[red]\x1b]0;owned\x07\r\n\u202e " + "long " * 5_000
    comparison = compared(ran("v1", {"a": {}}), ran("v2", {"a": {"sigkill_restart": ("failed", hostile)}}))

    table = compare_table(comparison, "x", width=width)

    assert not [item for item in table if not item.isprintable() and item != "\n"]
    assert len(table.splitlines()) < 40


def test_a_run_is_not_compared_with_itself(ran):
    run = ran("v1", {"a": {}})

    with pytest.raises(UserError, match=says("run_with_itself")):
        compare(run, run)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bot": "other"}, "bot: reference and other"),
        ({"profile": "soak"}, "profile: smoke and soak"),
        ({"scenarios": ["baseline"]}, "scenarios that only one of them has: corrupt_state, sigkill_restart"),
    ],
)
def test_runs_of_different_plans_are_refused(ran, changes, told):
    old, new = ran("v1", {"a": {}}), ran("v2", {"a": {}})

    with pytest.raises(UserError, match=told):
        compare(old, {**new, **changes})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "`old` is missing(.|\n)*`new` is missing"),
        ({"old": "a"}, "`new` is missing"),
        ({"old": "a", "new": "a/"}, "old and new are the same"),
        ({"old": "a", "new": "link"}, "old and new are the same"),
        ({"old": "a", "new": "nowhere"}, "where: new\n(.|\n)*host:/"),
        ({"old": "a", "new": "b", "new_ref": "v1"}, "where: new_ref"),
        ({"old_ref": "v1", "new_ref": "v2"}, "nobody says where the bot tiny is"),
        ({"old": GIT["url"], "new": GIT["url"]}, "old and new are the same"),
        ({"old": "https://me:secret@x.org/b.git", "new": "https://me:secret@x.org/b.git"}, r"//\*\*\*@x.org"),
    ],
)
def test_a_pair_that_is_none_is_refused(tmp_path, asked, told):
    for name in "ab":
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("a")

    with pytest.raises(UserError, match=told) as caught:
        asked_pair(asked, BOT, Project(relative_to=tmp_path))
    assert "secret" not in str(caught.value)


def test_two_refs_of_one_repository_are_a_pair():
    asked = {"old": GIT["url"], "new": GIT["url"], "old_ref": "v1"}

    old, new = asked_pair(asked, BOT, Project())
    assert (old["ref"], new["ref"]) == ("v1", "HEAD")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("failed", "failed"), ("known", "failed"), "stayed"),
        (("known", "failed"), ("passed", None), "better"),
        (("passed", None), ("known", "failed"), "worse"),
        (("known", "not_exercised"), ("passed", None), "not_compared"),
    ],
)
def test_a_known_failure_is_a_failure_whoever_accepts_it(old, new, expected):
    """``old``, ``new``: a row's verdict, and that of its finding."""
    entries = [
        {"verdict": verdict, "known": [{"verdict": found}] if verdict == "known" else []}
        for verdict, found in (old, new)
    ]
    assert change(*map(proved, entries)) == expected
