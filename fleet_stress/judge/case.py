"""A case before the judge: a scenario's stored evidence, with the readings that several checks share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.judge.roles import PLACES, Role, roles_of
from fleet_stress.observe import bot_files, companion_files
from fleet_stress.observe.rotated_logs import LogFamilies, is_packed, unpacked
from fleet_stress.observe.snapshot import READ_SUFFIX, TAIL_SUFFIX
from fleet_stress.store.bounded_read import LEFT_OUT, from_json, two_ends

#: In the place of a signal (``stopped_by``).
_ASKED = {"command": "its stop command", "request": "the request to stop"}
#: Bytes that are read at each end of what a bot has printed. Its profile's patterns are looked for in all of them.
TEXT_END = 8_000_000


class Case:
    """A read-only view of ``evidence.json``, the files beside it, the bot profile and the scenario."""

    def __init__(
        self,
        evidence: Mapping[str, Any],
        folder: Path,
        bot: Mapping[str, Any],
        scenario: Mapping[str, Any],
        worth_of_a_cycle: Mapping[str, float] | None = None,
        counted_lines: Mapping[str, str] | None = None,
        filed_records: Mapping[str, int] | None = None,
    ) -> None:
        """What the baseline has learnt: ``worth_of_a_cycle``, by ``KEY:NUMBER`` (``readings/following.py``).

        ``counted_lines``: the ``KEY:NUMBER`` that says how many lines a file has (``readings/counted_lines.py``).
        ``filed_records``: how many files each cycle adds, by ``shape_of`` their keys (``readings/filed_records.py``).
        """
        self.evidence = evidence
        self.folder = folder
        self.bot = bot
        self.scenario = scenario
        self.starts: list[Mapping[str, Any]] = list(evidence["starts"])
        self.roles = roles_of(bot)
        #: Files in its folders that its companions write; most write elsewhere.
        self._of_companions = frozenset(
            path for path in companion_files.named(bot, PLACES) if path.startswith(("/state/", "/log/"))
        )
        #: Its logs, each with its rotated files.
        self.logs = LogFamilies(
            {role.key: role.entry.get("rotated", ()) for role in self.roles if role.section == "logs"}
        )
        self.worth_of_a_cycle = worth_of_a_cycle or {}
        self.counted_lines = counted_lines or {}
        self.filed_records = filed_records or {}

    def role(self, name: str) -> Role:
        """The file with this role. Raises KeyError."""
        for role in self.roles:
            if role.name == name:
                return role
        raise KeyError(name)

    def took_effect(self, *names: str) -> list[Mapping[str, Any]]:
        """Faults of these names that took effect, in order; of all names where none is given."""
        return [
            fault
            for fault in self.evidence["faults"]
            if fault["bit"] and (not names or fault["fault"] in names)
        ]

    def chosen_starts(self, which: str | int) -> list[Mapping[str, Any]]:
        """Starts by word: ``last``, ``all``, ``signalled`` (TERM or INT were sent), or a number."""
        if which == "last":
            return self.starts[-1:]
        if which == "all":
            return self.starts
        if which == "signalled":
            return [start for start in self.starts if stop_signal(start)]
        return [start for start in self.starts if start["n"] == which]

    def after(self, start: Mapping[str, Any]) -> Mapping[str, Any]:
        """The files of the state and log folders after a start, by key; empty when it never exited."""
        return self._files(start["after"])

    def before(self, start: Mapping[str, Any]) -> Mapping[str, Any]:
        """The files before a start, by key."""
        return self._files(start["before"])

    def _files(self, snapshot: str | None) -> Mapping[str, Any]:
        if snapshot is None:
            return {}
        files: Mapping[str, Any] = self.evidence["snapshots"][snapshot]["files"]
        if not self._of_companions:
            return files
        known = {role.key for role in self.roles}
        return {
            key: info
            for key, info in files.items()
            if key in known or not companion_files.is_one(f"/{key}", self._of_companions)
        }

    def content(self, snapshot: str | None, key: str) -> bytes | None:
        """What a file held in a snapshot, where a copy was kept."""
        info = self._files(snapshot).get(key)
        if not info or not info["kept"]:
            return None
        suffix = READ_SUFFIX if info.get("read") else ""
        return (self.folder / str(snapshot) / f"{key}{suffix}").read_bytes()

    def text_logs(self, start: Mapping[str, Any]) -> list[str]:
        """Keys of the text logs after a start, with those that were rotated away (``errors.log.1``)."""
        texts = {role.key for role in self.roles if role.section == "logs" and role.format == "text"}
        return [key for key in self.after(start) if self.logs.of(key) in texts]

    def end_of(self, snapshot: str | None, key: str) -> bytes:
        """What was kept of a file: all of it, or the end of a large text log, or nothing.

        Of a compressed log, what it holds.
        """
        whole = self.content(snapshot, key)
        if whole is not None and is_packed(key) and self.logs.holds(key):
            return unpacked(key, whole) or b""
        if whole is None and self._files(snapshot).get(key, {}).get("tail"):
            return (self.folder / str(snapshot) / f"{key}{TAIL_SUFFIX}").read_bytes()
        return whole or b""

    def gained(self, start: Mapping[str, Any], key: str) -> tuple[str, bool]:
        """What a text log gained during a start, and whether that is all of it.

        It goes on where the file ended before the start, whatever that was called then: what was rotated away
        is still itself, by its inode or, where it was copied away, by its content.
        """
        info, kept = self.after(start)[key], self.end_of(start["after"], key)
        if is_packed(key):
            return self._gained_packed(start, key, kept)
        offset = info["size"] - len(kept)  # where in the file what was kept begins
        began = 0
        for earlier, file in self.before(start).items():
            same = file["inode"] == info["inode"] or self._goes_on(start, earlier, key)
            if same and file["size"] <= info["size"]:
                began = max(began, file["size"])
        return kept[max(0, began - offset) :].decode("utf-8", "replace"), began >= offset

    def _gained_packed(self, start: Mapping[str, Any], key: str, held: bytes) -> tuple[str, bool]:
        """Of a compressed log: nothing, if it was there before; else what its log did not hold before the start."""
        before = self.before(start)
        if any(file["inode"] == self.after(start)[key]["inode"] for file in before.values()):
            return "", True
        log = self.logs.of(key)
        had = self.end_of(start["before"], log) if log in before else b""
        known = held.find(had) + len(had) if had and had in held else 0
        return held[known:].decode("utf-8", "replace"), bool(held)

    def _goes_on(self, start: Mapping[str, Any], earlier: str, key: str) -> bool:
        """Whether a rotated log begins with what its log held before a start, as far as both were kept."""
        if self.logs.of(key) != earlier or key == earlier:
            return False
        had, has = self.end_of(start["before"], earlier), self.end_of(start["after"], key)
        had_size, has_size = self.before(start)[earlier]["size"], self.after(start)[key]["size"]
        begins = max(had_size - len(had), has_size - len(has))
        first = had[begins - (had_size - len(had)) :]
        return bool(first) and has[begins - (has_size - len(has)) :].startswith(first)

    def numbers(self, snapshot: str | None, role: Role) -> dict[str, float]:
        """The numbers of a file that may never go back, as a snapshot holds them."""
        content = self.content(snapshot, role.key)
        if content is not None:
            return bot_files.fields(content, (*role.never_back, *role.queries))
        same = self._observed_as(snapshot, role.key)
        return dict(same["fields"]) if same else {}

    def whole(self, snapshot: str | None, key: str) -> bool | None:
        """Whether a snapshot holds a file whole (valid JSON); None when it is there and could not be read."""
        if self.unread(snapshot, key):
            return None
        same = self._observed_as(snapshot, key)
        return same["json"] == "valid" if same else json_valid(self.content(snapshot, key))

    def unread(self, snapshot: str | None, key: str) -> bool:
        """True when a regular file is there of which no copy was kept (too large) and no look tells more."""
        info = self._files(snapshot).get(key)
        if not info or info["kept"] or not info["mode"].startswith("-"):
            return False
        return self._observed_as(snapshot, key) is None

    def _observed_as(self, snapshot: str | None, key: str) -> Mapping[str, Any] | None:
        """What watching saw of just the content that a snapshot holds."""
        sha256 = self._files(snapshot).get(key, {}).get("sha256")
        return next((look for look in self.seen(key) if sha256 and look["sha256"] == sha256), None)

    def seen(self, key: str, start: int | None = None) -> list[Mapping[str, Any]]:
        """What was observed of a file while watching, in order; of one start or of all."""
        return [
            look
            for look in self.evidence["observations"]
            if look["file"] == key and (start is None or look["start"] == start)
        ]

    def last_words(self, start: Mapping[str, Any]) -> str:
        """The last line of a start on standard error, or else on standard output, cut; empty when there is none."""
        for stream in ("stderr", "stdout"):
            lines = [line.strip() for line in self.text(start[stream]).splitlines() if line.strip()]
            if lines:
                return lines[-1][:200]
        return ""

    def text(self, name: str) -> str:
        """A text file of the evidence, or its two ends; empty when it is not there."""
        path = self.folder / name
        return two_ends(path, TEXT_END)[0].decode(errors="replace") if path.is_file() else ""

    def left_out(self, start: Mapping[str, Any]) -> list[str]:
        """The outputs of a start that are too long to be read whole: what is not found there may be in the middle."""
        names = (start["stdout"], start["stderr"])
        return [name for name in names if LEFT_OUT.search(self.text(name))]

    def all_read(self) -> bool:
        """Whether all that the bot printed was read, so that what was not found there was not printed."""
        return not any(self.left_out(start) for start in self.starts)


def stop_signal(start: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first TERM or INT that a start was sent."""
    return next((sent for sent in start["signals"] if sent["signal"] in ("TERM", "INT")), None)


def asked_by(sent: Mapping[str, Any]) -> str:
    """How the bot was asked to stop, in words: ``SIGTERM``, or what its profile has for it."""
    return _ASKED.get(str(sent.get("to")), f"SIG{sent['signal']}")


def json_valid(data: bytes | None) -> bool:
    """True when there is content and it is JSON."""
    try:
        from_json(data or b"")
    except ValueError:
        return False
    return True


def stood_at(fault: Mapping[str, Any], at: float) -> bool:
    """Whether a fault was active at a moment."""
    end = fault.get("lifted_at")
    return float(fault.get("stands_from", fault["at"])) <= at and (end is None or at <= float(end))
