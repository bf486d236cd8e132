"""The page over all runs: what became of each row in the last of them, and what comes and goes."""

import re

import pytest
from fleet_controller.report.page import runs_page as module
from fleet_controller.report.page.history import RUNS, histories
from fleet_controller.report.page.runs_page import runs_page, write_runs_page
from fleet_controller.report.page.side_by_side import side_by_side
from fleet_controller.untrusted.atomic_files import write_atomic

from tests.page.fleet import Fleet

ROWS = [
    {"scenario": "baseline", "row": "0", "title": "Runs"},
    {"scenario": "memory", "row": "2", "title": "Does not grow"},
]


def run(folder, day, verdict, hosts=1, **changes):
    """A run that was reported; ``verdict``: of its row about memory, on each host."""
    name = f"202611{day:02d}-141200-abcdef"
    of = lambda number, row: verdict[number] if row == "memory" else "passed"  # noqa: E731
    results = Fleet(folder / name, hosts=hosts, rows=ROWS, verdict_of=of).results
    about = {"bot": "reference", "profile": "smoke", "state": "finished", "hosts": list(results["hosts"])}
    started = {"started": f"2026-11-{day:02d}T14:12:00+00:00"}
    record = {**about, **started, "run_id": name, "verdict": results["verdict"], "counts": results["counts"]}
    write_atomic(folder / name / "results.json", results)
    write_atomic(folder / name / "run.json", {**record, **changes})
    write_atomic(folder / name / "hosts/web00/result.json", {})
    (folder / name / "index.html").write_text("", "utf-8")
    return folder / name


def memory(folder):
    (history,) = histories(folder)
    return next(row for row in history.rows if row.scenario == "memory")


def test_each_row_has_its_verdicts_the_oldest_first(tmp_path):
    for day, verdict in enumerate(("passed", "failed", "failed"), start=1):
        run(tmp_path, day, [verdict])
    assert memory(tmp_path).verdicts == ["passed", "failed", "failed"]
    assert not memory(tmp_path).flaky, "it broke once"


def test_rows_are_in_the_order_of_the_plan(tmp_path):
    rows = [
        {"scenario": name, "row": row, "title": "T"}
        for name, row in (("c", "6.10"), ("b", "6.9"), ("a", "1.3B"))
    ]
    path = run(tmp_path, 1, ["passed"])
    write_atomic(path / "results.json", Fleet(tmp_path / "f", rows=rows, hosts=1).results)
    (history,) = histories(tmp_path)
    assert [row.row for row in history.rows] == ["1.3B", "6.9", "6.10"]


def test_what_passes_and_fails_in_turn_is_flaky(tmp_path):
    for day, verdict in enumerate(("passed", "failed", "skipped", "passed"), start=1):
        run(tmp_path, day, [verdict])
    assert memory(tmp_path).flaky


def test_a_host_that_is_different_from_another_is_not_flaky(tmp_path):
    for day in (1, 2, 3):
        run(tmp_path, day, ["passed", "failed"], hosts=2)
    assert memory(tmp_path).verdicts == ["failed"] * 3
    assert not memory(tmp_path).flaky


def test_another_bot_has_a_history_of_its_own_and_old_runs_are_left_out(tmp_path):
    for day in range(1, RUNS + 3):
        run(tmp_path, day, ["passed"])
    run(tmp_path, 29, ["failed"], bot="other")
    other, reference = histories(tmp_path)
    assert (other.bot, len(other.runs)) == ("other", 1)
    assert len(reference.runs) == RUNS
    assert reference.runs[-1]["run_id"] == f"202611{RUNS + 2:02d}-141200-abcdef"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hosts": {"h": 3}}', '{"hosts": []}'])
def test_results_that_cannot_be_read_are_passed_over(tmp_path, text):
    (run(tmp_path, 1, ["passed"]) / "results.json").write_text(text, "utf-8")
    assert histories(tmp_path) == []
    assert b"20261101-141200-abcdef" in runs_page(tmp_path), "the run is listed all the same"


def test_the_page_leads_to_each_run_and_texts_stay_texts(tmp_path):
    run(tmp_path, 1, ["failed"], bot="<script>x</script>")
    write_runs_page(tmp_path)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="20261101-141200-abcdef/index.html#?row=memory"' in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script" not in page


def test_without_runs_there_is_a_page_too(tmp_path):
    assert b"There are none." in runs_page(tmp_path)


def test_a_run_that_goes_on_is_told_with_the_time_and_leads_to_its_page(tmp_path, monkeypatch):
    name = run(tmp_path, 1, ["passed"], state="running").name
    monkeypatch.setattr(module, "is_watched", lambda _: True)
    page = runs_page(tmp_path).decode()
    assert re.search(r"running on \d+ \w+ \d{4}, \d\d:\d\d UTC", page)
    assert f'<a href="{name}/index.html">{name}</a>' in page
    assert '<meta http-equiv="refresh"' in page


def test_a_run_that_was_broken_off_is_not_called_running(tmp_path):
    run(tmp_path, 1, ["passed"], state="running", controller=None)
    page = runs_page(tmp_path).decode()
    assert "not finished, and nobody follows it" in page
    assert "refresh" not in page


def test_bots_of_one_profile_stand_beside_each_other(tmp_path):
    run(tmp_path, 1, ["failed"], bot="mine")
    run(tmp_path, 2, ["passed"], bot="mine")
    run(tmp_path, 3, ["failed"], bot="other")
    run(tmp_path, 4, ["passed"], bot="third", profile="standard")
    (beside,) = side_by_side(histories(tmp_path))
    assert (beside.profile, [one["bot"] for one in beside.bots]) == ("smoke", ["other", "mine"])
    rows = [(row.scenario, row.verdicts, row.differs) for row in beside.rows]
    assert rows == [("baseline", ["passed", "passed"], False), ("memory", ["failed", "passed"], True)]
    page = runs_page(tmp_path).decode()
    assert "Bots side by side, smoke" in page
    assert '<tr class="differs"><th scope="row" title="Does not grow">2 memory</th>' in page


def test_one_bot_alone_stands_beside_none(tmp_path):
    run(tmp_path, 1, ["passed"])
    assert side_by_side(histories(tmp_path)) == []
