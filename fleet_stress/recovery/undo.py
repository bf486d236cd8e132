"""Undo before do: how to undo something is on disk before it is done (principle 2).

An undo is a word and its arguments, so that any later process can carry it out from the journal alone.
It is repeatable, works from any half-way state, and counts only after looking: each kind says how to undo
and how to see that nothing is left.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

from fleet_stress import system
from fleet_stress.recovery.journal import Journal, entries, read
from fleet_stress.store import deletion
from fleet_stress.system import bots_user, cage, cgroups, fake_clock, process
from fleet_stress.system.network import packet_filter


class Kind(NamedTuple):
    """One way of undoing: ``undo`` acts, ``gone`` looks. The recorded arguments are their keyword arguments."""

    undo: Callable[..., object]
    gone: Callable[..., bool]


#: How a source ends that is the only one of its kind on a host: looked for wherever it is by now, and not where it
#: was mounted. Sources in journals of earlier versions are not unique.
_ID = re.compile(r":[0-9a-f]{16}\Z")


def _unmount(target: str, source: str) -> None:
    system.unmount_named(source, None if _ID.search(source) else target)


def _unmounted(target: str, source: str) -> bool:
    """Nothing is mounted under the name ``source``."""
    return not system.mounts_named(source, None if _ID.search(source) else target)


#: Kinds and their argument names are words in stored journals: they are never renamed.
KINDS: dict[str, Kind] = {
    "end_marked": Kind(
        lambda mark: process.end_all(process.marked(mark)),
        lambda mark: not process.marked(mark),
    ),
    "remove_tree": Kind(
        lambda path: deletion.remove_tree(Path(path)),
        lambda path: not os.path.lexists(path),
    ),
    "remove_named": Kind(
        lambda folder, prefix: deletion.remove_named(Path(folder), prefix),
        lambda folder, prefix: not deletion.named(Path(folder), prefix),
    ),
    "put_back": Kind(
        lambda away, home: deletion.put_back(Path(away), Path(home)),
        lambda away, **_: not os.path.lexists(away),
    ),
    "unmount": Kind(_unmount, _unmounted),
    "ram_device": Kind(
        lambda source, ticket: system.remove_ram_device(source, ticket),
        lambda source, ticket: system.ram_device_gone(source, ticket),
    ),
    "shown_folder": Kind(
        lambda target: system.unmount_bind(Path(target)),
        lambda target: system.bind_mount_gone(Path(target)),
    ),
    "remove_cgroup": Kind(
        lambda path: cgroups.remove(Path(path)),
        lambda path: not Path(path).is_dir(),
    ),
    "end_cgroup": Kind(
        lambda path: cage.end(Path(path)),
        lambda path: not Path(path).is_dir(),
    ),
    "end_orphans": Kind(
        lambda user: bots_user.end_orphans(user),
        lambda user: bots_user.no_orphans(user),
    ),
    "fake_clock": Kind(
        lambda prefix: fake_clock.forget(prefix),
        lambda prefix: not fake_clock.left(prefix),
    ),
    **{kind: Kind(*functions) for kind, functions in packet_filter.UNDO.items()},
}


class NotUndone(Exception):
    """An undo was carried out, and what it was to remove is still there."""


class Undo:
    """The undo records of one process of a run, kept in the run's journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, kind: str, **arguments: Any) -> str:
        """Put on disk how to undo what comes next, and return the record's id. Call it before acting."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind of undo {kind!r}; there are {', '.join(KINDS)}")
        record = secrets.token_hex(8)
        folder = str(self._journal.path.parent)
        self._journal.write("undo", durable=True, id=record, kind=kind, arguments=arguments, folder=folder)
        return record

    def carry_out(self, record: str, kind: str, arguments: Mapping[str, Any]) -> None:
        """Undo, look, and write down that it is undone. Raises NotUndone when something is left."""
        KINDS[kind].undo(**arguments)
        if not KINDS[kind].gone(**arguments):
            raise NotUndone(f"{kind} {dict(arguments)}: still there after undoing")
        self._journal.write("undone", durable=True, id=record)


def open_records(journal_path: Path, since: int = 0) -> list[dict[str, Any]]:
    """Undo records without their ``undone``, the newest first: the order in which to undo.

    ``since``: the byte to read from, for who asks after nobody that was there before. A line that is no whole record is
    passed over: ``damaged`` tells of it.
    """
    undone, records = set(), []
    for _, entry in read(journal_path, since):
        if entry.get("what") == "undone":
            undone.add(str(entry.get("id")))
        elif entry.get("what") == "undo" and _is_record(entry):
            records.append(entry)
    return [entry for entry in reversed(records) if entry["id"] not in undone]


def damaged(journal_path: Path) -> str:
    """A sentence about undo records that are not whole, which nobody can carry out; empty: there are none."""
    lines = [entry for entry in entries(journal_path, "undo") if not _is_record(entry)]
    if not lines:
        return ""
    first = str(lines[0])[:200]
    return f"{journal_path}: skipped {len(lines)} damaged undo records, which say not what to undo; the first: {first}"


def _is_record(entry: Mapping[str, Any]) -> bool:
    words = all(isinstance(entry.get(name), str) for name in ("id", "kind", "who"))
    return words and isinstance(entry.get("arguments"), dict)


def undo_open(journal: Journal, who: str | None = None, *, parts: bool = True, since: int = 0) -> list[str]:
    """Carry out every open undo, newest first: of all, or of the process ``who`` and its parts (``who/…``).

    ``parts``: False where a name with a slash is another name. ``since``: the byte of the journal before which there is
    nothing of theirs. The others are tried after one fails; the failures are returned as sentences.
    """
    undo, failures, tried = Undo(journal), [], set()
    # Read again: a record that a full disk cut off just before its newline is whole with the next line.
    while records := [one for one in open_records(journal.path, since) if one["id"] not in tried]:
        for entry in records:
            tried.add(entry["id"])
            its = who is None or entry["who"] == who or (parts and entry["who"].startswith(f"{who}/"))
            if not its:
                continue
            arguments = _as_it_is_called_now(entry, journal.path.parent)
            try:
                undo.carry_out(entry["id"], entry["kind"], arguments)
            except Exception as problem:  # whatever one undo raises, the next must get its turn
                failures.append(f"{entry['kind']} {arguments}: {problem}")
    return failures


def _as_it_is_called_now(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The arguments of a record; paths in the journal's folder follow it, if it or one above it was renamed since."""
    then, now = entry.get("folder"), str(folder)
    if not isinstance(then, str) or then == now:
        return dict(entry["arguments"])
    return {
        name: now + value[len(then) :]
        if isinstance(value, str) and f"{value}/".startswith(f"{then}/")
        else value
        for name, value in entry["arguments"].items()
    }
