"""Watches a bot from outside by polling: which files it rewrites, which cycles it finishes.

A poll is a few ``stat`` calls. What changed is read at once and stored as an observation, so that a check sees content
that was in a file only for a moment (a corruption that passed through the backup).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.counted_before import CountedBefore
from fleet_stress.observe.counting import Rewrites
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.observe.questions import Questions
from fleet_stress.observe.sqlite import Stamp
from fleet_stress.store.bounded_read import from_json
from fleet_stress.store.conditions import Condition
from fleet_stress.system import tree

#: Seconds between two polls.
INTERVAL = 0.02
#: Of one start; a day has as many of 0.3 s.
MOST_CYCLES = 300_000


class Watch:
    """Watches the tracked files of one arena over all its starts."""

    def __init__(
        self,
        evidence: Evidence,
        tracked: list[bot_files.Tracked],
        cycle: Mapping[str, str],
        data_source: Mapping[str, str] | None = None,
        invariants: Mapping[str, Condition] | None = None,
        rewritten: str | None = None,
        members: Callable[[], Iterable[psutil.Process]] = tuple,
    ) -> None:
        """``cycle``, ``data_source`` and ``invariants`` are those of the bot profile, ``members`` its processes.

        ``rewritten``: the role of a file that every cycle rewrites, for times in which nothing tells of cycles.
        """
        self._members = members
        #: Counts cycles meanwhile.
        self.rewrites = Rewrites(rewritten)
        self._evidence = evidence
        self._source = data_source or {"file": "", "field": ""}
        self._cycle = cycle
        self._lines: NewLines | None = None
        self._watched: dict[str, tuple[Path, bot_files.Tracked]] = {}
        self.look_at(tracked)
        self._known: dict[str, Stamp | None] = {}
        #: Those that are about one file, by its role; and contents that may still change, by key.
        self._invariants: dict[str, dict[str, Condition]] = {}
        for name, condition in (invariants or {}).items():
            if len(condition.roots) == 1:
                self._invariants.setdefault(next(iter(condition.roots)), {})[name] = condition
        self._unsettled: dict[str, tuple[str, bytes, dict[str, Any]]] = {}
        self.questions = Questions()
        self.cycles = 0
        self._before = CountedBefore(in_total=cycle.get("counts") == "in_total")

    def look_at(self, tracked: list[bot_files.Tracked]) -> None:
        """From now on, look for the same files there."""
        self._cycle_file = next((file for file in tracked if file.role == self._cycle["file"]), None)
        for file in tracked:
            if not file.opaque:
                self._watched[file.key] = (file.path, file)
                if file.backup and file.backup_key:
                    self._watched[file.backup_key] = (file.backup, file)

    def begin_start(self, start: Mapping[str, Any] | None = None) -> None:
        """From now on a cycle counts only if its file is rewritten after this moment, or by a new line.

        ``start`` is its entry in the evidence: a bot may report its cycles on standard output or error.
        """
        self.cycles = 0
        self.questions.wait()
        self.rewrites.begin_start()
        if self._cycle_file is not None and "field" in self._cycle:
            content = file_content.read(self._cycle_file)
            held = bot_files.fields(content, (self._cycle["field"],)).get(self._cycle["field"])
            self._before.begin_start(held, content, first=start is not None and start["n"] == 1)
        self._unsettled.clear()
        self._known = {key: file_content.stamp(file, path) for key, (path, file) in self._watched.items()}
        if "line" in self._cycle:
            self.close()
            self._lines = NewLines(self._cycle_log(start), self._cycle["line"])

    def close(self) -> None:
        """Close the file with the lines of cycles, if one is open."""
        if self._lines is not None:
            self._lines.close()

    def _cycle_log(self, start: Mapping[str, Any] | None) -> Path:
        if self._cycle_file is not None:
            return self._cycle_file.path
        return self._evidence.folder / str((start or {})[self._cycle["file"]])

    def poll(self, start: dict[str, Any] | None) -> None:
        """Poll once. ``start`` is the running start's entry in the evidence, if one runs."""
        if self.rewrites.count and start is not None and "counted_by" not in start:
            self._count_by_rewrites(start)
        for key, (path, tracked) in self._watched.items():
            identity = file_content.stamp(tracked, path)
            if identity == self._known.get(key):
                self._settle(key)
                continue
            self._known[key] = identity
            if identity is not None:
                self._changed(key, path, tracked, identity, start)
        if self._lines is not None and start is not None:
            count, changed = self._lines.more()
            if count and not self.rewrites.count:
                self._finished(self.cycles + count, changed, start)
        self.questions.poll()
        if start is not None and not self.cycles and (last := self._before.at_the_end(start)):
            self._finished(int(last.value), last.wall, start)

    def _changed(
        self,
        key: str,
        path: Path,
        tracked: bot_files.Tracked,
        identity: Stamp,
        start: dict[str, Any] | None,
    ) -> None:
        data = None if tracked.format == "bytes" else file_content.read(tracked, path)
        is_main = key == tracked.key
        look = {
            "at": self._evidence.now(),
            "wall": time.time(),
            "start": start["n"] if start else None,
            "file": key,
            "sha256": None if data is None else bot_files.digest(data),
            "size": identity[2],
            "inode": identity[0],
            "mtime": identity[1] / 1e9,
            "json": bot_files.json_verdict(data),
            "fields": bot_files.fields(data, tracked.never_back),
            "source": bot_files.word(data, self._source["field"])
            if is_main and tracked.role == self._source["file"]
            else None,
        }
        self._evidence.observe(look)
        if tracked.format == "bytes":
            self.questions.ask(key, path, tracked, look)
        self._unsettled.pop(key, None)
        if is_main and tracked.role in self._invariants and look["json"] == "valid":
            self._unsettled[key] = (tracked.role, data or b"", look)
        if start is not None and self.rewrites.count:
            if is_main and self.rewrites.is_cycle(tracked, look):
                self._finished(self.cycles + 1, identity[1] / 1e9, start)
        elif is_main and tracked is self._cycle_file and "field" in self._cycle and start is not None:
            self._count_cycle(data, identity, start)

    def _count_by_rewrites(self, start: dict[str, Any]) -> None:
        files = (file for _, file in self._watched.values())
        start["counted_by"] = self.rewrites.key(files)
        if start["counted_by"]:
            told_by, key = self._cycle["file"], start["counted_by"]
            self._evidence.note(
                f"while nothing tells of its cycles ({told_by}), they are counted by rewrites of {key}"
            )

    def _settle(self, key: str) -> None:
        """Two looks in a row have found the same: nobody was just writing it, so its invariants count."""
        role, data, look = self._unsettled.pop(key, ("", b"", {}))
        if role:
            document = {role: from_json(data)}
            found = {name: condition.look(document) for name, condition in self._invariants[role].items()}
            look["invariants"] = {name: outcome._asdict() for name, outcome in found.items()}

    def _count_cycle(self, data: bytes | None, identity: Stamp, start: dict[str, Any]) -> None:
        try:
            value = bot_files.field(from_json(data or b""), self._cycle["field"])
        except ValueError:
            return
        if value is None:
            return
        wall, database = (
            identity[1] / 1e9,
            self._cycle_file is not None and self._cycle_file.format == "sqlite",
        )
        count = self._before.since_start(value, data, wall, database=database)
        if count is not None and int(count) > self.cycles:
            self._finished(int(count), wall, start)

    def _finished(self, cycles: int, wall: float, start: dict[str, Any]) -> None:
        self.cycles = cycles
        seen = start["cycles"]
        if len(seen) >= MOST_CYCLES:
            seen.pop()
            self._evidence.document["limited"] = (
                f"the bot finished more than {MOST_CYCLES} cycles in one start, and fleet-stress remembers no more"
            )
        at, members = self._evidence.now(), list(self._members())
        seen.append(
            {
                "n": self.cycles,
                "at": at,
                "wall": wall,
                "handles": tree.handles(members),
                "processes": len(members),
            }
        )
