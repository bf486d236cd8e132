"""Whether the bot has written to the logs that ``grown_log`` let grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_stress.observe import file_content
from fleet_stress.observe.bot_files import Tracked


def left_as_grown(document: Mapping[str, Any], tracked: Iterable[Tracked]) -> bool:
    """Whether all of them are as the fault in the evidence left them; False where none was grown."""
    files = {file.key: file for file in tracked}
    grown = [log for fault in document["faults"] for log in fault["proof"].get("logs", ())]
    return bool(grown) and all(_as_it_was(log, files[log["key"]]) for log in grown)


def _as_it_was(log: Mapping[str, Any], file: Tracked) -> bool:
    stamp = file_content.stamp(file)
    return stamp is not None and (stamp[0], stamp[2]) == (log["inode"], log["size"])
