"""One host's result.json, believed only after looking: a host is not trusted, and may not take others along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_controller.catalogue import schema, validity
from fleet_controller.messages.errors import listed
from fleet_controller.messages.in_brief import in_brief
from fleet_controller.messages.text import cleaned, number_of, plain
from fleet_controller.untrusted.bounded_json import read_json
from fleet_stress.store.verdict import ALL

#: A longer result is not read: what an engine writes is far below. Bytes.
BYTES_LIMIT = 20_000_000
RESULT = "result.json"
#: The verdict of a host that could not be reached, or was lost on the way. Scenarios have the five others.
UNREACHABLE = "unreachable"
#: Why a host has no result, where nobody said why.
NO_RESULT = "it brought no result"


class Damaged(Exception):
    """A result is not what an engine of ours writes for what was asked; the message says why."""


class Reader:
    """Reads the results of a run's hosts. ``asked``: names of the scenarios that all of them were given."""

    def __init__(self, asked: Sequence[str]) -> None:
        self._asked = list(asked)
        self._written = schema.stored("result")

    def read(self, folder: Path, host: str) -> dict[str, Any] | None:
        """The result of one host with harmless texts; None: it brought none. Raises Damaged.

        ``folder`` is that of the host in the results of the run.
        """
        try:
            found = cleaned(self._checked(folder / RESULT, host))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as problem:
            raise Damaged(f"it cannot be read: {plain(problem, 300)}") from problem
        return dict(found)

    def _checked(self, path: Path, host: str) -> dict[str, Any]:
        found = read_json(path, BYTES_LIMIT)
        error = validity.worst(found, self._written)
        if error is not None:
            where = ".".join(map(str, error.absolute_path)) or "it as a whole"
            raise Damaged(f"at {plain(where, 200)}: {plain(error.message, 300)}")
        if found["host"] != host:
            raise Damaged(f"it speaks of host {plain(found['host'], 200)}")
        names = [scenario["scenario"] for scenario in found["scenarios"]]
        strange = [name for name in names if name not in self._asked]
        if strange:
            raise Damaged(f"it speaks of scenarios that nobody asked for: {plain(listed(strange), 300)}")
        if len(set(names)) < len(names):
            raise Damaged("it speaks of the same scenario twice")
        result: dict[str, Any] = found
        return result


def wrong_with(name: str, host: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a host itself, beside its scenarios: sentences. One that never ran is one sentence."""
    if not has_result(host):
        rows = number_of(len(host["scenarios"]), "row")
        # Of one that was lost on the way nobody knows what it ran.
        what = "no result" if host["verdict"] == UNREACHABLE else "not run"
        yield f"{what} ({rows}): {in_brief(host['problem'] or NO_RESULT, name)}"
    elif host["problem"]:
        yield host["problem"]
    for leftover in host["leftovers"]:
        yield f"left behind: {leftover['what']}"
    for sentence in host["verify"]:
        yield f"found afterwards: {sentence}"


def trouble(host: Mapping[str, Any]) -> str:
    """What a host is that something is wrong with, in a word or two."""
    if host["verdict"] == UNREACHABLE:
        return UNREACHABLE
    return "in trouble" if has_result(host) else "not run"


def host_order(verdict: str) -> int:
    """Where a host's verdict stands among all, the worst first: to know nothing is as bad as an error."""
    return -1 if verdict == UNREACHABLE else ALL.index(verdict)


def has_result(host: Mapping[str, Any]) -> bool:
    """Whether a host brought a result that counts."""
    return host["engine"] is not None
