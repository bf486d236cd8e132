"""What is written, when it is written again, and when the play has to fail."""

import json

import pytest
from fleet_controller.messages.errors import UserError
from fleet_controller.report.report import complaint, fail_on, write
from fleet_controller.runs.run_folder import close_run, run_folder

from tests.messages.codes import says

NOT_MET = ("not_exercised", "nothing was met")
USUAL = ("failed", "error", "not_exercised")


def test_a_second_report_of_the_same_evidence_writes_nothing(run):
    run.begin("h1")
    run.comes_back("h1")
    assert write(run.folder, run.collect()).changed is True
    close_run(run.results_dir, run.run_id)
    later = run.collect()
    assert (
        write(run.folder, {**later, "finished": "2030-01-01T00:00:00+00:00", "seconds": 9.0}).changed is False
    )


def test_new_evidence_is_written(run):
    run.begin("h1")
    write(run.folder, run.collect())
    run.comes_back("h1")
    assert write(run.folder, run.collect()).changed is True
    assert json.loads((run.folder / "results.json").read_text(encoding="utf-8"))["verdict"] == "passed"


@pytest.mark.parametrize("name", ["junit.xml", "summary.md", "metrics.prom", "index.html"])
def test_a_lost_file_is_written_again(run, name):
    run.begin("h1")
    write(run.folder, run.collect())
    (run.folder / name).unlink()
    assert write(run.folder, run.collect()).changed is True


def test_nothing_half_written_is_left(run):
    run.begin("h1")
    write(run.folder, run.collect())
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        *("run.json", "compiled.json", "results.json"),
        *("junit.xml", "summary.md", "metrics.prom", "index.html"),
    }


def test_a_report_made_again_still_knows_what_was_wrong(run):
    run.begin("h1", "h2")
    run.comes_back("h1")
    write(run.folder, run.collect({"h2": "UNREACHABLE"}, {"h1": ["a process lives"]}))
    again = run.collect()
    assert again["hosts"]["h1"]["verify"] == ["a process lives"]
    assert again["hosts"]["h2"]["problem"] == "UNREACHABLE"
    assert run.collect({}, {})["hosts"]["h1"]["verify"] == [], "the verify stage looked again"
    assert run.collect({}, {})["hosts"]["h2"]["problem"] == "UNREACHABLE", "there still is no result"


def test_a_damaged_result_is_told_in_the_same_words_again(run):
    run.begin("h1")
    run.brings("h1", "{")
    write(run.folder, run.collect({"h1": "its link broke"}))
    assert write(run.folder, run.collect()).changed is False


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (USUAL, "FAILED: 1 not_exercised; see results/x/index.html"),
        (("failed", "error"), None),
        (("not_exercised", "skipped"), "FAILED: 1 not_exercised, 1 skipped; see results/x/index.html"),
    ],
)
def test_which_verdicts_fail_the_play(run, verdicts, told):
    run.begin("h1")
    run.comes_back("h1", corrupt_state=NOT_MET, sigkill_restart=("skipped", "no state"))
    assert complaint(run.collect(), verdicts, "results/x") == told


def test_skipped_alone_does_not_fail(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("skipped", "no state"))
    assert complaint(run.collect(), USUAL, "results/x") is None


def test_a_verdict_hidden_below_a_worse_one_counts(run):
    run.begin("h1")
    run.comes_back("h1", corrupt_state=NOT_MET, sigkill_restart=("error", "the arena died"))
    assert complaint(run.collect(), ("not_exercised",), "x") == "FAILED: 1 not_exercised; see x/index.html"


def test_a_lost_host_fails_whatever_the_verdicts(run):
    run.begin("h1", "h2", "h3")
    run.comes_back("h1")
    told = complaint(run.collect({"h2": "UNREACHABLE\n\x1b[31m"}), ("failed",), "x")
    assert told == "FAILED: 2 hosts not run; see x/index.html"


def test_what_verify_found_fails_whatever_the_verdicts(run):
    run.begin("h1")
    run.comes_back("h1")
    told = complaint(run.collect(verify={"h1": ["a process lives"]}), ("failed",), "x")
    assert told == "FAILED: 1 host in trouble; see x/index.html"


def test_no_host_at_all_fails(run):
    run.begin()
    assert complaint(run.collect(), USUAL, "x") == "FAILED: no host took part; see x/index.html"


def test_verdicts_are_named_as_text_or_as_a_list():
    assert fail_on(None) == fail_on("") == fail_on([]) == USUAL
    assert fail_on("failed, error") == fail_on(["failed", "error"]) == ("failed", "error")


def test_an_unknown_verdict_is_told_with_the_nearest_one():
    with pytest.raises(UserError) as caught:
        fail_on("failed,not-exercized")
    assert str(caught.value) == (
        "unknown verdict `not-exercized`\n"
        "   where: fail_on\n"
        "   why:   there is: error, failed, not_exercised, known, skipped, passed\n"
        "   do:    did you mean `not_exercised`?"
    )


@pytest.mark.parametrize("nonsense", [3, {"failed": True}, [["failed"]]])
def test_what_names_no_verdicts_is_refused(nonsense):
    with pytest.raises(UserError, match=says("verdicts_no_text")):
        fail_on(nonsense)


def test_the_newest_run_is_found_by_its_link(run):
    run.begin("h1")
    assert run_folder(run.results_dir, "latest") == run_folder(run.results_dir, "") == run.folder


@pytest.mark.parametrize("name", ["20260101-000000-abcdef", "../results", ".", "/etc"])
def test_a_run_that_is_not_there(run, name):
    run.begin("h1")
    with pytest.raises(UserError, match=says("no_such_run")):
        run_folder(run.results_dir, name)
