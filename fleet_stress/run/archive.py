"""One archive per run for the controller: result, journal and evidence; what did not pass comes first."""

from __future__ import annotations

import base64
import io
import os
import stat
import tarfile
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.observe.bot_files import regular_files
from fleet_stress.scenario.crash_points.visit_scenario import POINTS
from fleet_stress.store import bounded_read
from fleet_stress.store.bare_python.tree_walk import DEEPEST, LONGEST
from fleet_stress.store.bounded_read import DOCUMENT_LIMIT
from fleet_stress.store.contract import NAME_BYTES, PATH_BYTES
from fleet_stress.store.layout import RunFolder, stored_plan
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED

#: The order in which evidence is packed, as long as there is room.
_GRAVEST = (FAILED, ERROR, NOT_EXERCISED, PASSED, SKIPPED)
#: A longer file is cut to its two ends, each of this many bytes.
END_BYTES = 256_000
#: The same of our own records.
RECORD_BYTES = 16_000_000
#: Far below what a controller takes. A bot chooses the names and the number of its files, and must not cost the
#: host its result by them.
MOST_FILES, MOST_LEFT_OUT = 20_000, 1_000


def archive(run_dir: Path) -> Path:
    """Write ``archive.tar.gz`` and return its path. Limited by the plan's ``limits.evidence_bytes``.

    What does not fit is listed in ``left-out.txt``: copies of files, those of passed scenarios first.
    """
    run = RunFolder(run_dir)
    plan = stored_plan(run.plan, "limits")
    result = bounded_read.document(run.result)
    room = int(plan["limits"]["evidence_bytes"])
    passed = _without_copies(plan, result)
    left_out: list[str] = []
    taken = 0
    temporary = run.archive.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with (
        os.fdopen(descriptor, "wb") as packed,
        tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as target,
    ):
        for path in (run.result, run.plan, run.journal, run.log):
            if path.exists():  # a damaged one may seem to have petabytes
                _add(target, path.name, bounded_read.two_ends(path, RECORD_BYTES)[0])
        left_out += [
            f"{run.evidence.name}/{scenario}/: it passed, its copies were not asked for"
            for scenario in passed
        ]
        for path in _in_order(run, result):
            name = str(path.relative_to(run.path))
            if not _is_account(path, run) and path.relative_to(run.evidence).parts[0] in passed:
                continue
            if taken >= MOST_FILES or not _may_travel(name):
                left_out.append(name)
                continue
            data = bounded_read.two_ends(path, DOCUMENT_LIMIT if path.suffix == ".json" else END_BYTES)[0]
            if len(data) > room:
                left_out.append(name)
            else:
                room, taken = room - len(data), taken + 1
                _add(target, name, data)
        if left_out:
            _add(target, "left-out.txt", _listed(left_out))
    temporary.replace(run.archive)
    return run.archive


def part(run_dir: Path, offset: int, most: int) -> dict[str, Any]:
    """A part of the archive, for a controller that asks for no more than it has room for.

    ``size`` is that of the whole archive in bytes, ``data`` at most ``most`` bytes from ``offset`` on, as base64.
    Offset 0 packs the archive anew. Raises OSError where there is no such run, or it has no result yet.
    """
    packed = archive(run_dir) if offset == 0 else RunFolder(run_dir).archive
    with packed.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(most)
    return {"size": packed.stat().st_size, "data": base64.b64encode(data).decode("ascii")}


def _without_copies(plan: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Scenarios whose copies of files are left out: those that passed, where only the others are requested."""
    if plan["limits"].get("evidence", "all") == "all":
        return []
    return [entry["scenario"] for entry in result["scenarios"] if entry["verdict"] in (PASSED, SKIPPED)]


def _in_order(run: RunFolder, result: Mapping[str, Any]) -> Iterator[Path]:
    """All evidence, failed scenarios first: of each the account, then those of its visits, then the copies of files."""
    by_verdict = sorted(result["scenarios"], key=lambda entry: _GRAVEST.index(entry["verdict"]))
    found = [path for entry in by_verdict for path in sorted(_files(run.evidence / entry["scenario"]))]
    yield from (path for path in found if _is_account(path, run))
    rest = [path for path in found if not _is_account(path, run)]
    yield from sorted(rest, key=lambda path: not _is_visits_account(path, run))


def _files(evidence: Path) -> Iterator[Path]:
    """What is in a scenario's evidence; copies of a bot's files lie as deep as a walk goes, below folders of ours."""
    for path, status in regular_files(evidence, 2 * DEEPEST, 2 * LONGEST):
        if stat.S_ISREG(status.st_mode):
            yield path


def _is_account(path: Path, run: RunFolder) -> bool:
    """Evidence that lies directly in its scenario's folder: ``evidence.json`` and the bot's output."""
    return path.parent.parent == run.evidence


def _is_visits_account(path: Path, run: RunFolder) -> bool:
    """The same of one visit of a point, which a finding may be about."""
    return path.parent.parent.name == POINTS and path.parents[3] == run.evidence


def _may_travel(name: str) -> bool:
    """Whether a controller accepts a file of this name (``unpack.py``): no invisible character in it."""
    parts = name.split("/")
    if any(unicodedata.category(character)[0] == "C" or character in "\\\u2028\u2029" for character in name):
        return False
    data = name.encode()
    return len(data) <= PATH_BYTES and all(len(part.encode()) <= NAME_BYTES for part in parts)


def _listed(names: list[str]) -> bytes:
    """A line for each name, whatever is in it; the first ``MOST_LEFT_OUT`` of them."""
    lines = [ascii(name)[1:-1] if not name.isprintable() else name for name in names[:MOST_LEFT_OUT]]
    more = len(names) - len(lines)
    return "\n".join([*lines, *([f"… and {more} more"] if more else []), ""]).encode()


def _add(target: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o640
    target.addfile(entry, io.BytesIO(data))
