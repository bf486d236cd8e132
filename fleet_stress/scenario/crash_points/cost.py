"""What visiting all points takes, against one start of the bot.

    python -m fleet_stress.scenario.crash_points.cost EVIDENCE

``EVIDENCE`` is the folder of a scenario that visits: ``results/latest/hosts/localhost/evidence/crash_points``.
Both are of one run on one machine, so the ratio says more than the seconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(folder: Path) -> int:
    """Print seconds a class and a visit, seconds from a start to its first cycle, and the ratios."""
    seen = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    took = sum(one["seconds"] for one in seen["steps"] if one["verb"] == "visit")
    classes = sum(len(set(one["cycle"])) for one in seen["visits"])
    visits = sum(point["by"] is None for one in seen["visits"] for point in one["points"])
    firsts = [one["cycles"][0]["at"] - one["at"] for one in seen["starts"] if one["cycles"]]
    if not classes or not firsts:
        print("nothing was visited there, or no start came to a cycle")
        return 1
    first = sum(firsts) / len(firsts)
    print(
        f"{classes} classes by {visits} visits and a recording in {took:.1f} s: {took / classes:.2f} s a class;"
        f" a start of the bot to its first cycle {first:.2f} s; ratio {took / classes / first:.1f} a class,"
        f" {took / (visits + 1) / first:.1f} a visit"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
