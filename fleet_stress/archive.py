"""One archive a run for the controller: result, journal and evidence, what did not pass first."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.files import regular_files
from fleet_stress.place import RunFolder
from fleet_stress.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED

#: In this order evidence goes in, as long as there is room.
_GRAVEST = (FAILED, ERROR, NOT_EXERCISED, PASSED, SKIPPED)
#: A longer file is cut down to its two ends, each of this many bytes.
END_BYTES = 256_000


def archive(run_dir: Path) -> Path:
    """Write ``archive.tar.gz`` and return its path. Limited by the plan's ``limits.evidence_bytes``.

    What no longer fits is named in ``left-out.txt``: copies of files, and those of what passed first.
    """
    run = RunFolder(run_dir)
    plan = json.loads(run.plan.read_text(encoding="utf-8"))
    result = json.loads(run.result.read_text(encoding="utf-8"))
    room = int(plan["limits"]["evidence_bytes"])
    left_out: list[str] = []
    temporary = run.archive.with_suffix(".new")
    with tarfile.open(temporary, "w:gz", compresslevel=1) as target:
        for path in (run.result, run.plan, run.journal, run.log):
            if path.exists():
                target.add(path, arcname=path.name)
        for path in _in_order(run, result):
            name = str(path.relative_to(run.path))
            data = _two_ends(path)
            if len(data) > room:
                left_out.append(name)
            else:
                room -= len(data)
                _add(target, name, data)
        if left_out:
            _add(target, "left-out.txt", ("\n".join(left_out) + "\n").encode())
    temporary.replace(run.archive)
    return run.archive


def _in_order(run: RunFolder, result: Mapping[str, Any]) -> Iterator[Path]:
    """All evidence: of every scenario what was seen and said, then the copies; what failed before the rest."""
    by_verdict = sorted(result["scenarios"], key=lambda one: _GRAVEST.index(one["verdict"]))
    found = [path for one in by_verdict for path, _ in sorted(regular_files(run.evidence / one["scenario"]))]
    yield from (path for path in found if _is_account(path, run))
    yield from (path for path in found if not _is_account(path, run))


def _is_account(path: Path, run: RunFolder) -> bool:
    """Evidence that lies directly in its scenario's folder: ``evidence.json`` and what the bot said."""
    return path.parent.parent == run.evidence


def _two_ends(path: Path) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as stream:
        if size <= 2 * END_BYTES or path.suffix == ".json":
            return stream.read()
        head = stream.read(END_BYTES)
        stream.seek(-END_BYTES, 2)
        return head + b"\n[... %d bytes left out ...]\n" % (size - 2 * END_BYTES) + stream.read()


def _add(target: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o640
    target.addfile(entry, io.BytesIO(data))
