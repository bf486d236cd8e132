"""A host's archive comes in parts, each the answer to one question: so no host sends more than it was asked for.

Not by a file transfer: those run as the login, which need not be root, and take as much as the other side sends.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.runs.host_result import BYTES_LIMIT, RESULT
from fleet_controller.untrusted.unpack import SHARE_OF_FREE, Hostile, room, unpack
from fleet_stress.store.verdict import ORDER

#: Bytes of one part. Its answer is text (base64), a third longer.
PART_BYTES = 3_000_000
#: The most that one host's archive may be, packed: the plan limits evidence to far less.
ARCHIVE_LIMIT = 100_000_000
_ARCHIVE = "archive.tar.gz"

#: Asks the host for the part that begins at a byte.
Ask = Callable[[int], Mapping[str, Any]]


def bring(ask: Ask, run_folder: Path, host: str, part_bytes: int = PART_BYTES) -> Path:
    """Bring what a host found into the results of a run, whole or not at all; returns its folder there.

    Args:
        ask: For a part, by its first byte: an object with ``size`` (of the whole archive) and ``data`` (base64).
        run_folder: Of the run on the controller.
        host: Its name in the inventory.
        part_bytes: What one part has, unless it is the last: so the number of questions is bounded too.

    Raises:
        Hostile: It sends what no host of ours would. Nothing of it is kept.
        NoRoom: The controller's disk is nearly full.
    """
    if Path(host).name != host or host in ("", ".", ".."):
        raise Hostile(f"{host!r} is no name of a folder; give this host another name in the inventory")
    arriving, target = run_folder / "arriving" / host, run_folder / "hosts" / host
    if arriving.exists():
        shutil.rmtree(arriving)
    unpacked = arriving / "unpacked"
    unpacked.mkdir(parents=True)
    try:
        _write_parts(ask, arriving / _ARCHIVE, part_bytes)
        unpack(arriving / _ARCHIVE, unpacked)
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        unpacked.replace(target)
    finally:
        shutil.rmtree(arriving)
        with contextlib.suppress(OSError):  # another host's is in it
            arriving.parent.rmdir()
    return target


def _write_parts(ask: Ask, path: Path, part_bytes: int) -> None:
    limit = min(ARCHIVE_LIMIT, int(room(path.parent) * SHARE_OF_FREE))
    # What a host says of its run is nobody else's business while it is looked at.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        size, written = None, 0
        while size is None or written < size:
            said, data = _part(ask(written))
            size = said if size is None else size
            if size != said or size > limit:
                raise Hostile(f"an archive of {said} bytes (at most {limit})")
            wanted = min(part_bytes, size - written)
            if len(data) != wanted:
                raise Hostile(f"{len(data)} bytes where {wanted} were asked for")
            room(path.parent)
            stream.write(data)
            written += len(data)


def part_in(output: str) -> Mapping[str, Any]:
    """The object in what a host printed; its login may greet before it. Raises Hostile."""
    for line in output.splitlines():
        if line.startswith("{"):
            try:
                answer = json.loads(line)
            except (ValueError, RecursionError):
                break
            if isinstance(answer, dict):
                return answer
    raise Hostile("its answer is no part of an archive")


def verdicts_in(folder: Path) -> dict[str, int]:
    """How many scenarios have which verdict in a host's folder. Raises Hostile; the report looks at the rest."""
    path = folder / RESULT
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise Hostile(f"its {RESULT} is longer than any")
        found = json.loads(path.read_text(encoding="utf-8"))
        verdicts = [scenario["verdict"] for scenario in found["scenarios"]]
    except (OSError, ValueError, RecursionError, TypeError, LookupError) as problem:
        raise Hostile(f"its {RESULT} is none") from problem
    return dict(Counter(verdict for verdict in verdicts if verdict in ORDER))


def _part(answer: Mapping[str, Any]) -> tuple[int, bytes]:
    size, data = answer.get("size"), answer.get("data")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1 or not isinstance(data, str):
        raise Hostile("its answer is no part of an archive")
    try:
        return size, base64.b64decode(data, validate=True)
    except ValueError as problem:
        raise Hostile("its answer is no part of an archive") from problem
