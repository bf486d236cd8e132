"""Old results go when so much was said; what is in use, not finished or not ours stays."""

import json

import pytest
from fleet_controller.report.runs_table import runs, table
from fleet_controller.runs.keep_results import keep
from fleet_controller.runs.run_folder import close_run, in_use, make_latest, open_run, run_folder
from fleet_controller.untrusted.atomic_files import write_atomic

PASSED = {"passed": 3, "failed": 0, "not_exercised": 0, "skipped": 0, "error": 0}


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def made(results):
    """A run of the n-th day, with a result of its host unless it was refused."""

    def made(day, *, ran=True, state="finished", **about):
        run_id = f"202611{day:02}-141200-abcdef"
        document = {
            "run_id": run_id,
            "state": state,
            "started": f"2026-11-{day:02}T14:12:00+00:00",
            "bot": "reference",
            "profile": "smoke",
            "hosts": ["lab01", "lab02", "lab03"],
            "scenarios": ["baseline"],
            "counts": PASSED,
            "controller": None,
            **about,
        }
        write_atomic(results / run_id / "run.json", document)
        if ran:
            write_atomic(results / run_id / "hosts/lab01/result.json", {})
        return run_id

    return made


def left(results):
    return sorted(path.parent.name for path in results.glob("*/run.json") if not path.parent.is_symlink())


def test_the_newest_that_ran_stay_and_what_is_older_goes(results, made):
    old, refused, middle, later, newest = (made(day, ran=day not in (2, 4)) for day in (1, 2, 3, 4, 5))

    assert keep(results, 2) == [refused, old]
    assert left(results) == [middle, later, newest]
    assert keep(results, 2) == []


def test_nothing_goes_unless_it_was_said(results, made):
    made(1)
    made(2)
    assert keep(results, 0) == []
    assert len(left(results)) == 2


def test_what_is_needed_stays(results, made):
    latest, compared, read, running = made(1), made(2), made(3), made(4, state="running")
    made(9)
    make_latest(results, latest)
    with in_use(results / read):
        assert keep(results, 1, spared=[compared]) == []
    assert keep(results, 1, spared=[compared]) == [read]
    assert running in left(results)


def test_what_is_not_ours_stays(results, made, tmp_path):
    (results / "notes").mkdir(parents=True)
    (results / "copy").mkdir()
    (results / "copy/run.json").write_text(
        json.dumps({"run_id": "20261101-141200-abcdef", "state": "finished"})
    )
    elsewhere = tmp_path / "elsewhere"
    write_atomic(elsewhere / "run.json", {"run_id": "linked", "state": "finished"})
    (results / "linked").symlink_to(elsewhere)
    made(9)

    assert keep(results, 1) == []
    assert {path.name for path in results.iterdir()} >= {"notes", "copy", "linked"}
    assert (elsewhere / "run.json").is_file()


def test_a_removal_that_was_interrupted_is_ended(results, made):
    made(9)
    (results / ".removed-20261101-141200-abcdef/hosts").mkdir(parents=True)
    keep(results, 1)
    assert not list(results.glob(".removed-*"))


COMMAND = {"bot": "reference", "profile": "smoke", "hosts": ["h1"], "scenarios": ["baseline"]}


def begun(results, **how):
    return open_run(results, COMMAND, {}, **how)


def test_the_same_command_resumes_its_run_or_begins_anew_if_it_is_told_to(results):
    first = begun(results)
    assert begun(results).run_id == first.run_id
    again = begun(results, resume=False)
    assert (again.attached, again.run_id != first.run_id) == (False, True)
    assert begun(results).run_id == again.run_id, "and never the one that was given up"


def test_a_refused_run_takes_no_runs_place_as_the_latest(results):
    refused = begun(results)
    assert run_folder(results, "latest") == refused.folder, "where nothing ran, it is all there is"
    close_run(results, refused.run_id)
    good = begun(results)
    write_atomic(good.folder / "hosts/h1/result.json", {})
    make_latest(results, good.run_id)
    close_run(results, good.run_id)

    begun(results)

    assert run_folder(results, "latest") == good.folder


def test_runs_are_listed_with_what_became_of_them(results, made):
    made(1)
    made(2, counts={**PASSED, "failed": 2})
    made(3, ran=False)
    made(4, state="running", ran=False)
    made(5, state="abandoned", bot="\x1b[31mevil")
    make_latest(results, made(6))

    lines = table(runs(results), "results", width=160).splitlines()

    assert lines[0].split()[:2] == ["run", "bot"]
    told = [line.split("lab01, lab02 and 1 more")[1].split(maxsplit=1)[1].strip() for line in lines[1:7]]
    assert told == [
        "3 passed",
        "abandoned",
        "interrupted; the same command resumes it",
        "not run",
        "3 passed, 2 failed",
        "3 passed",
    ]
    assert lines[1].startswith("20261106-141200-abcdef *")
    assert "\\x1b[31mevil" in lines[2]
    assert lines[7].startswith("6 runs in results, ")


def test_an_empty_folder_is_listed_as_such(results):
    assert table(runs(results), "results") == "0 runs in results, 0.0 MB (* = latest)"


def test_what_is_known_is_counted_in_the_table_as_everywhere(results, made):
    made(1, counts={**PASSED, "known": 4})

    assert "3 passed, 4 known" in table(runs(results), "results", width=200)
