"""Links from the page to files of the evidence: relative, percent-encoded, and only to what is there."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from fleet_controller.untrusted.packed_evidence import PACKED

#: A file that a browser shows as text. One that a host named `x.html` would run in whoever clicks on it.
_TEXT = re.compile(r"\.(json|jsonl|out|err|txt|csv|tail|log(\.\d+)?)\Z", re.IGNORECASE)


def inside(folder: Path, name: str) -> Path | None:
    """A file that a host named, below ``folder``; None where the name leads elsewhere, or there is no such file.

    A host may name what it likes; a link or a folder is no file of its evidence.
    """
    parts = PurePosixPath(name)
    if not name or "\0" in name or parts.is_absolute() or ".." in parts.parts:
        return None
    path = folder
    try:
        for part in parts.parts:
            path = path / part
            if path.is_symlink():
                return None
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def link(run: Path, evidence: str, name: str = "") -> str | None:
    """The address of a file of the evidence, or of its folder, seen from the page; None where there is no such text.

    Args:
        run: The run's folder, where the page lies.
        evidence: A scenario's folder below it; of one that is packed, the archive is all that there is to see.
        name: As a host wrote it; empty for the folder itself.
    """
    if evidence.endswith(PACKED):
        return _address(evidence)
    if name and (not _TEXT.search(name) or inside(run / evidence, name) is None):
        return None
    address = _address(evidence, name)
    return address if name else f"{address}/"


def _address(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in PurePosixPath(*parts).parts)
