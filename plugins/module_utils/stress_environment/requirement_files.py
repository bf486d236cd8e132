"""What requirements files ask for, with all that they include.

By patterns of our own: a bot's files may be on the host alone (``host:/folder``, an overlay), ``packaging`` reads no
lines with options (``-e``, ``--hash``), and pip's reader is private to pip. pip judges every line afterwards.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .failure import EnvironmentFailed


def read_requirements(
    files: Iterable[Path], leave_out: Sequence[str], *, optional: bool
) -> tuple[list[str], list[Path]]:
    """All lines, and the files that were not there. Raises EnvironmentFailed if one had to be."""
    lines: list[str] = []
    missing = []
    for file in files:
        if optional and not file.exists():
            missing.append(file)
            continue
        try:
            lines += requirement_lines(file, leave_out)
        except (OSError, UnicodeDecodeError) as problem:
            name = getattr(problem, "filename", None) or file
            raise EnvironmentFailed(
                f"requirements file {name}: cannot be read ({getattr(problem, 'strerror', None) or problem})."
                " Name files that the bot's folder has: -e bot_requirements=FILE"
            ) from problem
    return lines, missing


def requirement_lines(
    file: Path, leave_out: Sequence[str], seen: frozenset[Path] = frozenset()
) -> Iterator[str]:
    """The lines of a requirements file and of those it names, without comments and what is left out.

    Flattened, so that the hash of what was asked knows all of it and a left out package is found everywhere.
    """
    place = Path(os.path.realpath(file))
    if place in seen:
        return
    names = {canonical(name) for name in leave_out}
    text = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8-sig"))
    for raw in text.splitlines():
        line = re.sub(r"(^|\s+)#.*$", "", raw).strip()
        nested = re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)$", line)
        constraint = re.match(r"(?:-c|--constraint)[ =]?\s*(\S+)$", line)
        if nested and "://" not in nested[1]:
            yield from requirement_lines(file.parent / nested[1], leave_out, seen | {place})
        elif constraint and "://" not in constraint[1]:
            yield f"-c {file.parent / constraint[1]}"
        elif line and requirement_name(line) not in names:
            yield line


def requirement_name(line: str) -> str:
    """The canonical name of the package that a line asks for; empty for options, paths and addresses."""
    egg = re.search(r"#egg=([\w.-]+)", line)
    named = egg or re.match(r"([A-Za-z0-9][\w.-]*?)\s*(?:$|[\[(<>=!~;@ ])", line)
    return canonical(named[1]) if named else ""


def canonical(name: str) -> str:
    """PEP 503: case and the kind of separator do not matter."""
    return re.sub(r"[-_.]+", "-", name).lower().strip()
