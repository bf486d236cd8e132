"""Several bots under the same profile, beside each other: what became of each row in the newest run of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fleet_controller.catalogue.selectors import row_key
from fleet_controller.report.page.history import History


class Beside(NamedTuple):
    """Bots in the order of their newest runs, the newest first."""

    profile: str
    #: Of each bot ``bot``, and ``run_id``, ``when`` and ``verdict`` of its newest run.
    bots: list[dict[str, str]]
    rows: list[BesideRow]


class BesideRow(NamedTuple):
    """One row."""

    row: str
    scenario: str
    title: str
    #: Of each bot; None: its newest run did not have this row.
    verdicts: list[str | None]
    #: Whether the bots differ in it.
    differs: bool


def side_by_side(histories: Sequence[History]) -> list[Beside]:
    """For each profile that several bots were run with."""
    profiles: dict[str, list[History]] = {}
    for history in histories:
        profiles.setdefault(history.profile, []).append(history)
    return [_beside(profile, some) for profile, some in profiles.items() if len(some) > 1]


def _beside(profile: str, histories: Sequence[History]) -> Beside:
    newest = [{row.scenario: row.verdicts[-1] for row in history.rows} for history in histories]
    about = {row.scenario: row for history in reversed(histories) for row in history.rows}
    rows = []
    for name, row in sorted(about.items(), key=lambda item: row_key(item[1].row)):
        verdicts = [found.get(name) for found in newest]
        known = {verdict for verdict in verdicts if verdict}
        if known:
            rows.append(BesideRow(row.row, name, row.title, verdicts, len(known) > 1))
    bots = [{"bot": history.bot, **history.runs[-1]} for history in histories]
    return Beside(profile, bots, rows)
