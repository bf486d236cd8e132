"""Causes that several rows have in common, for tables: one thing to repair is one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fleet_controller.messages.text import first_of, number_of, plain


class SharedCause(NamedTuple):
    """One line."""

    verdict: str
    #: ``7 rows: 0 baseline, 3.1 sigterm, 3.2 sigint and 4 more``; with how many of them it only masks.
    rows: str
    #: ``web1, web2, web3 and 7 more``.
    hosts: str
    reason: str


def shared_causes(results: Mapping[str, Any]) -> Iterator[SharedCause]:
    """Those of the ``causes`` of the results that more than one row has, in their order."""
    numbers = {row["scenario"]: row["row"] for host in results["hosts"].values() for row in host["scenarios"]}
    for cause in results.get("causes", ()):
        cells = [*cause["cells"], *cause["masked"]]
        rows = list(dict.fromkeys(cell["scenario"] for cell in cells))
        if len(rows) < 2:
            continue
        failed = {cell["scenario"] for cell in cause["cells"]}
        masked = sum(row not in failed for row in rows)
        named = first_of([f"{numbers[row]} {row}" for row in rows])
        hosts = list(dict.fromkeys(plain(cell["host"]) for cell in cells))
        more = f" ({masked} masked)" if masked else ""
        count = number_of(len(rows), "row")
        yield SharedCause(
            cause["verdict"], f"{count}{more}: {named}", first_of(hosts), plain(cause["reason"])
        )
