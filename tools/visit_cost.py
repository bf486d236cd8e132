"""What visiting all points takes, compared with one start of the bot.

    python -m tools.visit_cost EVIDENCE

``EVIDENCE`` is that of a scenario that visits: ``results/latest/hosts/localhost/evidence/crash_points``, a folder, or
packed with ``.tar.gz`` behind it.
Both come from the same run on the same machine, so the ratio says more than the seconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fleet_controller.untrusted.packed_evidence import unpacked


def main(evidence: Path) -> int:
    """Print seconds per class and per visit, seconds from a start to its first cycle, and the ratios."""
    with unpacked(evidence, deep=False) as folder:
        seen = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    took = sum(entry["seconds"] for entry in seen["steps"] if entry["verb"] == "visit")
    classes = sum(len(set(entry["cycle"])) for entry in seen["visits"])
    visits = sum(point["evidence"] is not None for entry in seen["visits"] for point in entry["points"])
    firsts = [entry["cycles"][0]["at"] - entry["at"] for entry in seen["starts"] if entry["cycles"]]
    if not classes or not firsts:
        print("nothing was visited there, or no start came to a cycle")
        return 1
    first = sum(firsts) / len(firsts)
    print(
        f"{classes} classes by {visits} visits and two recordings in {took:.1f} s: {took / classes:.2f} s a class;"
        f" a start of the bot to its first cycle {first:.2f} s; ratio {took / classes / first:.1f} a class,"
        f" {took / (visits + 2) / first:.1f} a visit"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
