"""What became of each row of a run, host by host, without reading all of its results again.

Results of fifty hosts have some 10 MB, and the page over all runs looks at eighty runs: so what it needs of each is kept
beside the results, and made anew when they have changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_controller.results.results import RESULTS
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.run_folder import in_use
from fleet_controller.untrusted.atomic_files import stored, write_atomic
from fleet_stress.store.verdict import ALL

#: Beside the results, a file that can be made anew at any time.
VERDICTS = ".verdicts.json"
#: Results that are larger are not read: a report must not take long. Bytes.
_BYTES = 20_000_000
#: By scenario its ``row``, ``title``, and the verdict of each host (``hosts``).
Rows = dict[str, dict[str, Any]]


def row_verdicts(folder: Path) -> Rows | None:
    """Of each scenario that was run; None: the results of the run in ``folder`` cannot be read."""
    try:
        found = (folder / RESULTS).stat()
    except OSError:
        return None
    of = [found.st_mtime_ns, found.st_size]
    kept = stored(folder / VERDICTS)
    if isinstance(kept, dict) and kept.get("of") == of and isinstance(kept.get("rows"), dict):
        return dict(kept["rows"])
    rows = _rows(stored(folder / RESULTS)) if found.st_size <= _BYTES else None
    # Where it cannot be kept, the next one reads the results again.
    with contextlib.suppress(OSError):
        if rows is not None:
            with in_use(folder):
                write_atomic(folder / VERDICTS, {"of": of, "rows": rows})
    return rows


def _rows(results: Any) -> Rows | None:
    found: Rows = {}
    try:
        hosts: Mapping[str, Any] = results["hosts"]
        for name, host in hosts.items():
            for entry in host["scenarios"] if has_result(host) else ():
                if entry["verdict"] in ALL and not entry.get("not_asked"):
                    about = {"row": entry["row"], "title": entry["title"], "hosts": {}}
                    found.setdefault(entry["scenario"], about)["hosts"][name] = entry["verdict"]
    except (KeyError, TypeError, AttributeError):
        return None
    return found
