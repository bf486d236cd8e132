"""Reads what may be larger, or nested deeper, than it should be: within bounds, whoever wrote it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from fleet_stress.store.errors import Damaged

#: Bytes of the largest document of ours, a plan with a result of some hundred scenarios among them.
DOCUMENT_LIMIT = 64 * 1024 * 1024
#: What ``two_ends`` writes between them.
LEFT_OUT = re.compile(r"^\[\.\.\. \d+ bytes left out \.\.\.\]$", re.MULTILINE)


def from_json(text: str | bytes) -> Any:
    """A JSON text as Python's objects. Raises ValueError, also where it is nested too deeply to be read.

    Python's own reader raises RecursionError there, which is no ValueError.
    """
    try:
        return json.loads(text)
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem


def document(path: Path) -> dict[str, Any]:
    """A JSON object that we stored ourselves. Raises Damaged, which names the file; OSError, as of a missing one."""
    with path.open("rb") as stream:
        data = stream.read(DOCUMENT_LIMIT + 1)
    try:
        found = from_json(data) if len(data) <= DOCUMENT_LIMIT else "larger than any of ours"
    except ValueError as problem:
        found = str(problem)
    if not isinstance(found, dict):
        why = found if isinstance(found, str) else "no JSON object"
        raise Damaged(
            f"{path}: is damaged ({why}). Delete that run's folder where nothing of it is needed any more"
        )
    return found


def two_ends(path: Path, each: int) -> tuple[bytes, int]:
    """A file whole, or its first and last ``each`` bytes around a line that says how much is left out.

    Returns that, and how many bytes were left out. Raises OSError.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read(2 * each if size <= 2 * each else each)
        if size <= 2 * each:
            return head, 0
        stream.seek(size - each)
        left_out = size - 2 * each
        return head + b"\n[... %d bytes left out ...]\n" % left_out + stream.read(each), left_out
