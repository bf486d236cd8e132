"""What the page over all runs needs of each run is read once, and anew where the results have changed."""

import json

from fleet_controller.results import row_verdicts as module
from fleet_controller.results.row_verdicts import VERDICTS, row_verdicts
from fleet_controller.untrusted.atomic_files import write_atomic

from tests.page.fleet import Fleet

ROW = {"scenario": "memory", "row": "2", "title": "Does not grow"}


def stored_run(folder, verdict="passed"):
    fleet = Fleet(folder, hosts=2, rows=[ROW], verdict_of=lambda *_: verdict)
    write_atomic(folder / "results.json", fleet.results)
    return folder


def test_each_row_has_the_verdict_of_each_host(tmp_path):
    hosts = {"web00": "passed", "db01": "passed"}
    assert row_verdicts(stored_run(tmp_path)) == {
        "memory": {"row": "2", "title": "Does not grow", "hosts": hosts}
    }


def test_the_results_are_read_once(tmp_path, monkeypatch):
    first = row_verdicts(stored_run(tmp_path))
    monkeypatch.setattr(module, "_rows", lambda _: 1 / 0)
    assert row_verdicts(tmp_path) == first
    assert (tmp_path / VERDICTS).stat().st_size < (tmp_path / "results.json").stat().st_size / 5


def test_results_that_were_judged_again_are_read_again(tmp_path):
    row_verdicts(stored_run(tmp_path))
    assert row_verdicts(stored_run(tmp_path, "failed"))["memory"]["hosts"]["web00"] == "failed"


def test_of_a_damaged_run_nothing_is_told_or_kept(tmp_path):
    assert row_verdicts(tmp_path) is None, "it has no results"
    (tmp_path / "results.json").write_text(json.dumps({"hosts": ["web00"]}), "utf-8")
    assert row_verdicts(tmp_path) is None
    (tmp_path / VERDICTS).write_text("{", "utf-8")
    assert row_verdicts(stored_run(tmp_path)) is not None
