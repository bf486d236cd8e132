"""Visits to the points of a cycle that cannot begin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_stress.scenario.crash_points import visits
from fleet_stress.scenario.crash_points.visit_scenario import POINTS, RECORDINGS
from fleet_stress.scenario.steps import Steps
from tests.messages.scenes.host import _arena

_LINE = {"at": 1.0, "took": 0.0, "op": "write", "path": "state.json", "pid": 7}


def _visits(tmp: Path, *lines: Any, error: str | None = None, **changes: Any) -> visits.Visits:
    """A step that visits, whose recording left these lines: three cycles, each of one write, unless told otherwise."""
    seen = {
        "error": error,
        "starts": [{"cycles": [{"n": number, "at": float(number)} for number in (1, 2, 3)]}],
        "clock": 0.0,
    }
    lines = lines or tuple({**_LINE, "at": float(number)} for number in (1, 2, 3))
    for name in RECORDINGS:
        recording = tmp / POINTS / name
        recording.mkdir(parents=True)
        (recording / "evidence.json").write_text(json.dumps(seen))
        (recording / "faulty_fs-state.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    arena = mock.Mock(
        folder=tmp / "arena", point=changes.pop("point", None), tracked=[], bot={"cycle": {"file": "health"}}
    )
    arena.evidence.folder = tmp
    arena.evidence.now.return_value = 0.0
    arguments = {"folder": "state", "answers": [{"kill": "after"}], "at_once": 1, **changes}
    made = visits.Visits(arena, arguments, lambda _: None)
    made._begin = mock.Mock()  # type: ignore[method-assign]
    made._await_one = mock.Mock(side_effect=made._running.popitem)  # type: ignore[method-assign]
    return made


def visits_while_it_runs(tmp: Path) -> None:
    made = Steps(_arena(tmp))
    made._bot.start = mock.Mock(running=True)
    made._do_visit({})


def recording_failed(tmp: Path) -> None:
    _visits(tmp, error="the faulty file system was not mounted: no room")._record()


def recording_too_long(tmp: Path) -> None:
    _visits(tmp, {"more": "the log is full; the figures go on"})._record()


def no_such_point(tmp: Path) -> None:
    made = _visits(tmp, point="kill:after:wriet:state/state.json:1")
    made._choose(made._record())
