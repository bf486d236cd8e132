"""What did not pass, by its cause: one thing to repair is told once, with all rows and hosts that it is found in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.remedies import remedy_of

#: Cells of a cause that are linked; characters of its reason.
CELLS, _REASON = 12, 500


def told_causes(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """For each of the ``causes`` of the results what the page says of it; none in those of earlier versions."""
    rows = {
        entry["scenario"]: entry["row"] for host in results["hosts"].values() for entry in host["scenarios"]
    }
    told: set[str] = set()
    for cause in results.get("causes", ()):
        cells = [*cause["cells"], *cause["masked"]]
        # Of a check whose remedy was told with another cause, it is not told again.
        fix = None if cause["check"] in told else remedy_of(cause["check"], cause["verdict"])
        if fix:
            told.add(cause["check"])
        yield {
            "verdict": cause["verdict"],
            "reason": in_one_line(plain(cause["reason"], _REASON), _REASON) or "no reason was given",
            "check": plain(cause["check"], 100),
            "rows": len({cell["scenario"] for cell in cells}),
            "hosts": len({cell["host"] for cell in cells}),
            "masked": len({cell["scenario"] for cell in cause["masked"]}),
            "cells": [
                {**cell, "host": plain(cell["host"], 200), "row": rows.get(cell["scenario"], "")}
                for cell in cells[:CELLS]
            ],
            "more": len(cells[CELLS:]),
            "fix": fix,
        }
