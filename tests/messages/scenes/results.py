"""Folders of results that are not as they should be."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError
from fleet_controller.results import evidence_copy, since_earlier
from fleet_controller.results.compare import compare
from fleet_controller.results.finished_run import find
from fleet_controller.runs import run_folder

from tests.messages.scenes.common import SINCE, Told, _named_runs
from tests.unit.controller.report.test_merge import GIT, Fleet


def evidence_is_a_link(tmp: Path) -> None:
    (tmp / "h1").symlink_to("/etc")
    evidence_copy.files_of(tmp / "h1")


def evidence_of_a_strange_name(tmp: Path) -> None:
    (tmp / "h1").mkdir()
    (tmp / "h1/a\nb").touch()
    evidence_copy.files_of(tmp / "h1")


def evidence_that_is_no_file(tmp: Path) -> None:
    (tmp / "h1").mkdir()
    (tmp / "h1/state.json").symlink_to("/etc/hostname")
    evidence_copy.files_of(tmp / "h1")


def evidence_too_large(tmp: Path) -> None:
    (tmp / "h1").mkdir()
    (tmp / "h1/result.json").write_text("xx")
    with mock.patch.object(evidence_copy, "BYTES_LIMIT", 1):
        evidence_copy.files_of(tmp / "h1")


def evidence_grows(tmp: Path) -> None:
    (tmp / "log").write_text("xx")
    evidence_copy._copy(evidence_copy.File(tmp / "log", 1), tmp / "own")


def no_room_for_evidence(tmp: Path) -> None:
    with mock.patch.object(evidence_copy.shutil, "disk_usage", return_value=mock.Mock(free=1000)):
        evidence_copy._room([evidence_copy.File(tmp / "log", 2000)], tmp)


def disk_full(tmp: Path) -> None:
    """The report's folder is there, and nothing more can be written."""
    from tests.messages.ways import answer

    (tmp / "r1").mkdir()
    (tmp / "r1/run.json").write_text("{}")
    full = OSError(28, "No space left on device", str(tmp / "r1/results.json"))
    with mock.patch("fleet_controller.results.results.collect", side_effect=full):
        raise Told(answer("stress_report", {"run_id": "r1", "results_dir": str(tmp)})["msg"])


def watched_already(tmp: Path) -> None:
    run_folder.open_run(tmp, {"bot": "mine"}, {})
    (record,) = [path for path in tmp.glob("*/run.json") if not path.parent.is_symlink()]
    about = json.loads(record.read_text())
    about["run_id"] = record.parent.name
    about["controller"] = {"pid": 4711, "host": "desk", "since": SINCE, "began": 0.0}
    record.write_text(json.dumps(about))
    with mock.patch.object(run_folder, "_lives", return_value=True):
        try:
            run_folder.open_run(tmp, {"bot": "mine"}, {})
        except UserError as problem:
            raise Told(str(problem).replace(record.parent.name, "r1")) from problem


def source_beside_a_pair(_tmp: Path) -> None:
    from tests.messages.ways import answer

    with mock.patch("ansible.utils.vars.load_extra_vars", return_value={"bot_source": "/srv/bot"}):
        raise Told(answer("stress_compare", {"check_only": True, "old": "/srv/1", "new": "/srv/2"})["msg"])


def other_plan(tmp: Path) -> None:
    fleet = Fleet(tmp)
    old, new = (json.loads((fleet.slice("h1").folder / "results.json").read_text()) for _ in range(2))
    compare({**old, "run_id": "r1"}, {**new, "run_id": "r2", "profile": "standard"})


def _find(tmp: Path, word: str) -> None:
    find(tmp / "results", word, Project(relative_to=tmp), "merge")


def run_no_path(tmp: Path) -> None:
    _find(tmp, "~nobody-of-that-name/r1")


def run_not_there(tmp: Path) -> None:
    _find(tmp, "./r1")


def run_of_several(tmp: Path) -> None:
    for name in ("r1", "r2"):
        (tmp / "mine" / name).mkdir(parents=True)
        (tmp / "mine" / name / "run.json").write_text("{}")
    _find(tmp, "./mine")


def _changed(tmp: Path, name: str, **changes: Any) -> None:
    """A finished run in which one of its files says something else."""
    run = Fleet(tmp).slice("h1")
    file = run.folder / name
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    run.folder.rename(tmp / "r1")
    _find(tmp, "./r1")


def run_not_ended(tmp: Path) -> None:
    _changed(tmp, "run.json", state="running")


def run_of_another_form(tmp: Path) -> None:
    _changed(tmp, "run.json", state=5, run_id=7, started=None)


def run_of_two(tmp: Path) -> None:
    _changed(tmp, "results.json", run_id="20261124-141200-ab12cd")


def run_without_results(tmp: Path) -> None:
    run = Fleet(tmp).slice("h1")
    (run.folder / "results.json").unlink()
    run.folder.rename(tmp / "r1")
    _find(tmp, "./r1")


def run_that_is_no_json(tmp: Path) -> None:
    run = Fleet(tmp).slice("h1")
    (run.folder / "results.json").write_text("{")
    run.folder.rename(tmp / "r1")
    _find(tmp, "./r1")


def _hosts(tmp: Path) -> dict[str, Any]:
    found = json.loads((Fleet(tmp / "first").slice("h1").folder / "results.json").read_text())
    return dict(found["hosts"])


def run_of_a_strange_host(tmp: Path) -> None:
    _changed(tmp, "results.json", hosts={"../h1": _hosts(tmp)["h1"]})


def run_of_other_scenarios(tmp: Path) -> None:
    host = _hosts(tmp)["h1"]
    _changed(tmp, "results.json", hosts={"h1": {**host, "scenarios": host["scenarios"][:1]}})


def merge_of_other_plans(tmp: Path) -> None:
    with _named_runs():
        fleet = Fleet(tmp)
        fleet.slice("h1")
        fleet.slice("h2", source={**GIT, "ref": "v2"})
    fleet.merge()


def host_in_two_runs(tmp: Path) -> None:
    with _named_runs():
        fleet = Fleet(tmp)
        fleet.slice("h1")
        fleet.slice("h1")
    fleet.merge()


def merge_does_not_agree(tmp: Path) -> None:
    with _named_runs():
        fleet = Fleet(tmp)
        first = fleet.slice("h1")
        fleet.slice("h2")
    first.comes_back("h1", sigkill_restart=("failed", "exited 1"))
    fleet.merge()


def earlier_is_this_one(tmp: Path) -> None:
    with _named_runs():
        run = Fleet(tmp).slice("h1")
    results = json.loads((run.folder / "results.json").read_text())
    since_earlier.check(run.results_dir, run.run_id, results, Project(relative_to=tmp))


def earlier_of_another_bot(tmp: Path) -> None:
    with _named_runs():
        run = Fleet(tmp).slice("h1")
    results = json.loads((run.folder / "results.json").read_text())
    asked = {**results, "run_id": "20261125-141200-000003", "bot": "mine"}
    since_earlier.check(run.results_dir, run.run_id, asked, Project(relative_to=tmp))


def earlier_latest(tmp: Path) -> None:
    since_earlier.check(tmp, "latest", {"run_id": "r1"}, Project(relative_to=tmp))


def not_verified_in_time(tmp: Path) -> None:
    from tests.messages.ways import answer

    asked = {"hosts": [], "results_dir": str(tmp), "run_id": "r1"}
    with mock.patch("subprocess.run", side_effect=subprocess.TimeoutExpired("pytest", 900)):
        raise Told(answer("stress_verify", asked)["msg"])
