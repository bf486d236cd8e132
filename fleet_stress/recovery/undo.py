"""Undo before do: what must be undone is on disk before it is done (law 2 of the design).

An undo is a word and its arguments, so that any later process can carry it out from the journal alone.
It is repeatable, works from any half-way state, and counts only after looking: each kind says how to undo
and how to see that nothing is left.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

from fleet_stress import system
from fleet_stress.recovery.journal import Journal, entries
from fleet_stress.store import deletion
from fleet_stress.system import cgroups, fake_clock, process
from fleet_stress.system.darwin import packet_filter
from fleet_stress.system.network import iptables


class Kind(NamedTuple):
    """One way of undoing: ``undo`` acts, ``gone`` looks; both take the recorded arguments."""

    name: str
    undo: Callable[[Mapping[str, Any]], None]
    gone: Callable[[Mapping[str, Any]], bool]


def _end_marked(arguments: Mapping[str, Any]) -> None:
    process.end_all(process.marked(arguments["mark"]))


def _none_marked(arguments: Mapping[str, Any]) -> bool:
    return not process.marked(arguments["mark"])


def _remove_tree(arguments: Mapping[str, Any]) -> None:
    deletion.remove_tree(Path(arguments["path"]))


def _remove_cgroup(arguments: Mapping[str, Any]) -> None:
    cgroups.remove(Path(arguments["path"]))


def _no_cgroup(arguments: Mapping[str, Any]) -> bool:
    return not Path(arguments["path"]).is_dir()


def _remove_chain(arguments: Mapping[str, Any]) -> None:
    iptables.remove(arguments["family"], arguments["chain"])


def _no_chain(arguments: Mapping[str, Any]) -> bool:
    return not iptables.present(arguments["family"], arguments["chain"])


def _remove_anchor(arguments: Mapping[str, Any]) -> None:
    packet_filter.remove(arguments)


def _no_anchor(arguments: Mapping[str, Any]) -> bool:
    return packet_filter.gone(arguments)


def _no_tree(arguments: Mapping[str, Any]) -> bool:
    return not os.path.lexists(arguments["path"])


def _remove_named(arguments: Mapping[str, Any]) -> None:
    deletion.remove_named(Path(arguments["folder"]), arguments["prefix"])


def _none_named(arguments: Mapping[str, Any]) -> bool:
    return not deletion.named(Path(arguments["folder"]), arguments["prefix"])


def _unmount(arguments: Mapping[str, Any]) -> None:
    while not _not_mounted(arguments):
        system.unmount(Path(arguments["target"]))


def _not_mounted(arguments: Mapping[str, Any]) -> bool:
    """Nothing at ``target`` that was mounted by the name ``source``, as a look at what is mounted tells."""
    wanted = (arguments["target"], arguments["source"])
    return all((one.point, one.source) != wanted for one in system.mounts())


def _put_back(arguments: Mapping[str, Any]) -> None:
    deletion.put_back(Path(arguments["away"]), Path(arguments["home"]))


def _nothing_away(arguments: Mapping[str, Any]) -> bool:
    return not os.path.lexists(arguments["away"])


def _forget_clock(arguments: Mapping[str, Any]) -> None:
    fake_clock.forget(arguments["prefix"])


def _no_clock(arguments: Mapping[str, Any]) -> bool:
    return not fake_clock.left(arguments["prefix"])


def _remove_memory(arguments: Mapping[str, Any]) -> None:
    system.remove_ram_device(arguments)


def _no_memory(arguments: Mapping[str, Any]) -> bool:
    return system.ram_device_gone(arguments)


def _show_itself(arguments: Mapping[str, Any]) -> None:
    system.unmount_bind(Path(arguments["target"]))


def _shows_itself(arguments: Mapping[str, Any]) -> bool:
    return system.bind_mount_gone(Path(arguments["target"]))


#: A fault that needs another way of undoing adds it here.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("end_marked", _end_marked, _none_marked),
        Kind("remove_tree", _remove_tree, _no_tree),
        Kind("remove_named", _remove_named, _none_named),
        Kind("put_back", _put_back, _nothing_away),
        Kind("unmount", _unmount, _not_mounted),
        Kind("ram_device", _remove_memory, _no_memory),
        Kind("shown_folder", _show_itself, _shows_itself),
        Kind("remove_cgroup", _remove_cgroup, _no_cgroup),
        Kind("fake_clock", _forget_clock, _no_clock),
        Kind("pf_anchor", _remove_anchor, _no_anchor),
        Kind("iptables_chain", _remove_chain, _no_chain),
    )
}


class NotUndone(Exception):
    """An undo was carried out and looking showed that it did not take."""


class Undo:
    """The undo records of one process of a run, kept in the run's journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, kind: str, **arguments: Any) -> str:
        """Put on disk how to undo what comes next, and return the record's id. Call it first."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind of undo {kind!r}; there are {', '.join(KINDS)}")
        record = secrets.token_hex(8)
        self._journal.write("undo", durable=True, id=record, kind=kind, arguments=arguments)
        return record

    def carry_out(self, record: str, kind: str, arguments: Mapping[str, Any]) -> None:
        """Undo, look, and write down that it is undone. Raises NotUndone when something is left."""
        KINDS[kind].undo(arguments)
        if not KINDS[kind].gone(arguments):
            raise NotUndone(f"{kind} {dict(arguments)}: still there after undoing")
        self._journal.write("undone", durable=True, id=record)


def open_records(journal_path: Path) -> list[dict[str, Any]]:
    """Undo records without their ``undone``, the newest first: the order in which to undo."""
    undone = {entry["id"] for entry in entries(journal_path, "undone")}
    return [entry for entry in reversed(entries(journal_path, "undo")) if entry["id"] not in undone]


def undo_open(journal: Journal, who: str | None = None) -> list[str]:
    """Carry out every open undo, newest first: of all, or of one process ``who`` and those that it had for its parts.

    One that fails does not keep the others from being tried; the failures are returned as sentences.
    """
    undo, failures, tried = Undo(journal), [], set()
    # Looked at again: a record that a full disk cut off just before its newline is whole with the next line.
    while records := [one for one in open_records(journal.path) if one["id"] not in tried]:
        for entry in records:
            tried.add(entry["id"])
            if who is not None and entry["who"] != who and not entry["who"].startswith(f"{who}/"):
                continue
            try:
                undo.carry_out(entry["id"], entry["kind"], entry["arguments"])
            except Exception as problem:  # whatever one undo meets, the next must get its turn
                failures.append(f"{entry['kind']} {entry['arguments']}: {problem}")
    return failures
