"""What the stages before the report said of hosts, now or when an earlier report of the same run was made.

A report that is made again from what was stored hears of nothing, and may not look better for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue import schema, validity
from fleet_controller.runs.host_result import UNREACHABLE, has_result
from fleet_controller.messages.text import plain


class Said(NamedTuple):
    """Sentences by host."""

    #: Why it was not brought to its end.
    problems: dict[str, str]
    #: What the verify stage found wrong.
    verify: dict[str, list[str]]
    #: What an earlier report said of hosts that had no result.
    before: dict[str, str]
    #: Hosts that could not be reached.
    unreachable: frozenset[str]

    @classmethod
    def of(
        cls,
        problems: Mapping[str, Any] | None,
        verify: Mapping[str, Any] | None,
        stored: Path,
        unreachable: Iterable[str] | None = None,
    ) -> Said:
        """``stored``: the results.json of an earlier report; it need not be there, or be any good."""
        known = _earlier(stored)
        earlier = {name: item["problem"] for name, item in known.items() if item["problem"]}
        reasons = {name: item for name, item in earlier.items() if has_result(known[name])}
        found = {name: item["verify"] for name, item in known.items()}
        if problems is not None:
            reasons = {str(name): plain(problem) for name, problem in problems.items()}
        if verify is not None:
            found = {str(name): [plain(sentence) for sentence in sentences] for name, sentences in verify.items()}
        gone = {name for name, entry in known.items() if entry["verdict"] == UNREACHABLE}
        if unreachable is not None:
            # Who has no result still has none, for the same reason, unless another is given now.
            gone = {item for item in gone if not has_result(known[item]) and item not in reasons}
            gone |= {str(item) for item in unreachable}
        return cls(
            reasons,
            {name: sentences for name, sentences in found.items() if sentences},
            {name: item for name, item in earlier.items() if not has_result(known[name])},
            frozenset(gone),
        )


def _earlier(stored: Path) -> dict[str, Any]:
    """The hosts of an earlier report of the same run; empty where there is none that can be used."""
    try:
        document = json.loads(stored.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {} if validity.worst(document, schema.stored("results")) else dict(document["hosts"])
