"""Why a scenario ends before its last step."""

from __future__ import annotations


class Stopped(Exception):
    """The run is being stopped: end the bots, undo, keep what was seen."""


class ArenaFailed(Exception):
    """The arena could not be made or kept: our fault or the host's, never the bot's."""


class CutShort(Exception):
    """A step did not end as it should. Arguments: its outcome and the reason; the judge says whose fault it is."""
