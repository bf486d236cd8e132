"""One part of a run's archive as text, for a controller that asks for no more than it has room for.

    python -m fleet_stress.run.archive_part RUN_DIR --offset N --most N

prints one JSON object: ``size`` of the whole archive in bytes, and ``data``, base64. The first part (offset 0) packs
the archive anew.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import Any

from fleet_stress.run.archive import archive
from fleet_stress.store.errors import Damaged, unusable
from fleet_stress.store.layout import RunFolder


def part(run_dir: Path, offset: int, most: int) -> dict[str, Any]:
    """``size`` and ``data``. Raises OSError where there is no such run, or it has no result yet."""
    packed = archive(run_dir) if offset == 0 else RunFolder(run_dir).archive
    with packed.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(most)
    return {"size": packed.stat().st_size, "data": base64.b64encode(data).decode("ascii")}


def main(argv: list[str] | None = None) -> int:
    """Print it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="fleet-stress-part", description=__doc__)
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--offset", type=int, required=True)
    parser.add_argument("--most", type=int, required=True)
    options = parser.parse_args(argv)
    try:
        print(json.dumps(part(options.run_dir.absolute(), options.offset, options.most)))
    except (OSError, Damaged) as problem:
        return unusable("part", problem, on_run=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
