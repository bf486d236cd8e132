"""Whether what a row does to the bot took effect: its faults, and the signals that it sent."""

from __future__ import annotations

from typing import Any

from fleet_controller.report.page.seen import Fault, Seen, Start

#: Faults and signals that are told one by one: a row of kills has hundreds.
MOST = 12


def proofs(seen: Seen) -> dict[str, Any]:
    """``shown``, and how many ``more`` there are.

    Each has ``what``, ``when`` and ``until`` (seconds since the scenario began; null: at once), ``bit`` and ``why``.
    """
    found = [_fault(fault) for fault in seen.faults]
    found += [item for start in seen.starts for item in _signals(start)]
    # What did not take effect is what a reader looks for.
    found.sort(key=lambda item: (item["bit"], item["when"]))
    return {"shown": sorted(found[:MOST], key=lambda item: item["when"]), "more": len(found[MOST:])}


def _fault(fault: Fault) -> dict[str, Any]:
    until = None if fault.until is None else round(fault.until, 2)
    return {
        "what": fault.name,
        "when": round(fault.since, 2),
        "until": until if until is None or until > fault.since + 0.05 else None,
        "bit": fault.bit,
        "why": fault.proof,
    }


def _signals(start: Start) -> list[dict[str, Any]]:
    """The signals that a start was sent, and how it ended then."""
    aimed = f", while it wrote {', '.join(start.writing)}" if start.writing else ""
    ended = f"; it ended with {start.ending} at {start.ended:.2f} s" if start.ended and start.ending else ""
    return [
        {
            "what": f"SIG{word}" if word.isupper() and not word.startswith("SIG") else word,
            "when": round(at, 2),
            "until": None,
            "bit": True,
            "why": f"sent to start {start.n}{aimed}{ended}",
        }
        for at, word in start.signals
    ]
