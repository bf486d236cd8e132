"""By what cycles are counted while a fault takes away the stream that tells of them: a state file of every cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_stress.observe.bot_files import Tracked

_IN_LOGS = "${log_dir}"


class Rewrites:
    """Whether cycles are counted by the rewrites of a file, and which of its changes is one."""

    def __init__(self, role: str | None) -> None:
        """``role``: of the file, as ``role_rewritten`` finds it."""
        self._role = role
        #: Whether nothing else tells of cycles now.
        self.count = False
        self._in_next_start = False
        self._last: tuple[Any, ...] | None = None

    def begin_start(self) -> None:
        """A start begins."""
        self.count, self._last = self._in_next_start, None

    def silence(self, silent: bool, *, at_once: bool) -> None:
        """A fault takes away, or has given back, what tells of cycles: now, or only for the next start."""
        self._in_next_start = silent
        if at_once:
            self.count = silent

    def key(self, files: Iterable[Tracked]) -> str | None:
        """The key of the file; None: there is none."""
        return next((file.key for file in files if file.role == self._role), None)

    def is_cycle(self, tracked: Tracked, look: Mapping[str, Any]) -> bool:
        """Whether a change of a file (an observation) is a finished cycle.

        Half of a write is none, nor is the same content in the same file. What is in ``bytes`` is said later, if at
        all: there each change counts that left something in it.
        """
        content: tuple[Any, ...]
        if tracked.format == "bytes":
            whole, content = look["size"] > 0, (look["inode"], look["size"], look["mtime"])
        else:
            whole, content = look["json"] == "valid", (look["inode"], look["sha256"])
        if tracked.role != self._role or not whole or content == self._last:
            return False
        self._last = content
        return True


def told_by_log(bot: Mapping[str, Any]) -> bool:
    """Whether a file in the bot's log folder tells of its cycles."""
    return _in_log_folder(bot, bot["cycle"]["file"])


def role_rewritten(bot: Mapping[str, Any]) -> str | None:
    """The role of the first state file that the bot rewrites in every cycle, outside its log folder; None: of none."""
    for role, entry in bot["state"].items():
        watched = entry.get("format") != "text" and not _in_log_folder(bot, role)
        if watched and entry.get("rewritten") == "cycle":
            return str(role)
    return None


def _in_log_folder(bot: Mapping[str, Any], role: str) -> bool:
    entry = bot.get("logs", {}).get(role)
    if entry is not None:  # as bot_files.tracked places it
        return not str(entry["path"]).startswith("${") or str(entry["path"]).startswith(_IN_LOGS)
    return str(bot["state"].get(role, {}).get("path", "")).startswith(_IN_LOGS)
