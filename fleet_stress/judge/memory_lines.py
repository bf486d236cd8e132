"""What ``-e explain_memory=true`` has found, as notes: it explains a verdict, and is none."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.case import Case

_NAMED = 5


def notes(case: Case) -> Iterator[str]:
    """For each process of the bot the lines whose memory grew most; nothing where nobody asked."""
    found = case.evidence.get("memory_lines")
    if found is None:
        return
    if not found:
        yield (
            "explain_memory: no Python of the bot told of its memory for long enough; it is not Python, older than 3.8,"
            " or started with -I, -E or -S"
        )
    for process in found:
        lines = [
            f"{line['file']}:{line['line']} by {line['bytes'] / 1e3:.0f} kB ({line['objects']:+d} objects)"
            for line in process["lines"][:_NAMED]
        ]
        yield (
            f"explain_memory: between {process['since']:.0f} s and {process['until']:.0f} s the memory of process"
            f" {process['pid']} grew most at {', '.join(lines) or 'no line'}"
        )
