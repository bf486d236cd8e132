"""The command ``fleet-stress`` where a bot cannot be watched."""

from __future__ import annotations

import subprocess
from pathlib import Path
from unittest import mock

from fleet_controller.catalogue.project import Project
from fleet_controller.command import watching
from fleet_controller.drafting.guesses import Guess
from fleet_controller.drafting.watched import Watched
from fleet_controller.drafting.words_in_source import Word

_PROFILE = {"name": "mine", "source": "/srv/mine", "argv": ["${python}", "bot.py"]}


def bot_not_watched(tmp: Path) -> None:
    def play(_argv: list[str], **how: object) -> subprocess.CompletedProcess[str]:
        how["stdout"].write("host1: not to be stressed\n")  # type: ignore[attr-defined]
        return subprocess.CompletedProcess([], 2)

    with mock.patch.object(watching.subprocess, "run", play):
        watching.watch(Project(tmp), watching.Request("/srv/mine"), _PROFILE)


def bot_ends_at_once(_tmp: Path) -> None:
    start = {"n": 1, "at": 1.0, "signals": [], "exit": {"code": 1, "signal": None, "at": 1.2}}
    watched = mock.Mock(
        starts=[start], output=lambda _start, stream: "KeyError: 'SYMBOL'\n" * (stream == "stderr")
    )
    watching.refuse_early_end(watched, Guess(_PROFILE, {}, [], [Word("SYMBOL", None, True)], [], True))


def evidence_without_sense(tmp: Path) -> None:
    (tmp / "evidence.json").write_text('{"starts": []}')
    with mock.patch.object(watching, "watch", return_value=Watched(tmp)):
        watching.watch_until_known(
            Project(tmp), watching.Request("/srv/mine"), Guess(_PROFILE, {}, [], [], [], True)
        )
