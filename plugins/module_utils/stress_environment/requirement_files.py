"""What a bot's requirements files ask for, with all that they include.

Flattened, so that the hash of what was asked knows all of it, a left out package is found everywhere, and pip opens no
requirements file by a name that the bot chose.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .bot_folder import inside, opened, outside, text_of
from .failure import EnvironmentFailed
from .requirement_line import Line, NotUnderstood, canonical, local_path, parsed, requirement_name

#: How often files are read (one that is included twice counts twice), and bytes of one.
MOST_FILES, MOST_BYTES = 100, 256 * 1024


class Asked(NamedTuple):
    """What a bot's files ask for, and what follows for who installs it."""

    lines: list[str]
    constraints: list[str]
    #: Files that were not there.
    missing: list[str]
    #: The folder, relative to the bot's, that paths in the lines count from.
    base: str
    #: Whether anything in the bot's folder is installed; and whether it is only linked (``-e``).
    installs_itself: bool
    is_linked: bool


def read_requirements(
    folder: Path, files: Sequence[str], leave_out: Sequence[str], *, optional: bool
) -> Asked:
    """What files in a bot's folder ask for. Raises EnvironmentFailed, also if one is missing and not ``optional``."""
    reader, missing = _Reader(folder, leave_out), []
    for file in files:
        if optional and not os.path.lexists(folder / inside(file, "bot_requirements")):
            missing.append(file)
        else:
            reader.read(file, "bot_requirements", constraint=False)
    base = reader.base(*(os.path.dirname(file) for file in files[:1]))  # noqa: PTH120 - not a path of this host
    return Asked(
        reader.lines + [f'--find-links="{os.path.relpath(place, base or ".")}"' for place in reader.beside],
        reader.constraints,
        missing,
        base,
        bool(reader.sources or reader.beside),
        reader.is_linked,
    )


class _Reader:
    """Files that are being read, one after the other."""

    def __init__(self, folder: Path, leave_out: Sequence[str]) -> None:
        self.folder, self.left_out = folder, {canonical(name) for name in leave_out if name}
        self.lines: list[str] = []
        self.constraints: list[str] = []
        #: Paths that lines install from, with who names them; folders of packages that lie beside the file.
        self.sources: list[tuple[str, str]] = []
        self.beside: list[str] = []
        self.is_linked, self.reads = False, 0

    def read(self, file: str, asked: str, *, constraint: bool, on_way: frozenset[str] = frozenset()) -> None:
        """Read a file and those that it names. ``asked``: where it is named; ``on_way``: what is being read."""
        path = inside(file, asked)
        if path in on_way:
            return
        self.reads += 1
        if self.reads > MOST_FILES:
            raise EnvironmentFailed(
                f"{asked}: the bot's requirements include more than {MOST_FILES} files. Put them into fewer."
            )
        try:
            text = text_of(self.folder, path, asked, MOST_BYTES)
        except (OSError, UnicodeDecodeError) as problem:
            raise EnvironmentFailed(
                f"requirements file {self.folder / path}: cannot be read"
                f" ({getattr(problem, 'strerror', None) or problem})."
                " Name files that the bot's folder has: -e bot_requirements=FILE"
            ) from problem
        # A byte order mark at the beginning of what we write would be none of the line's for pip.
        for raw in re.sub(r"\\\r?\n", " ", text.replace("\ufeff", "")).splitlines():
            line = re.sub(r"(^|\s+)#.*$", "", raw).strip().rstrip("\\").strip()
            if line and requirement_name(line) not in self.left_out:
                self._line(line, path, constraint=constraint, on_way=on_way | {path})

    def _line(self, text: str, file: str, *, constraint: bool, on_way: frozenset[str]) -> None:
        asked = f"{file}: `{text}`"
        try:
            line = parsed(text)
        except NotUnderstood as problem:
            raise EnvironmentFailed(
                f"{asked}: pip does not understand this line ({problem}). Correct it."
            ) from problem
        nested = [] if line.requires or line.editable else [*line.requirements, *line.constraints][:1]
        local = local_path(nested[0], bare=True) if nested else None
        if local is not None:
            self.read(
                _beside(file, local), asked, constraint=constraint or not line.requirements, on_way=on_way
            )
            return
        self._remember(line, file, asked)
        (self.constraints if constraint else self.lines).append(text)

    def _remember(self, line: Line, file: str, asked: str) -> None:
        if line.with_variable:
            raise outside(line.with_variable, asked)
        self.sources += [(path, asked) for path in line.sources]
        self.is_linked |= line.is_linked
        for value in line.find_links:
            path = local_path(value, bare=True)
            if (
                path is not None
                and not path.startswith("/")
                and os.path.lexists(self.folder / _beside(file, path))
            ):
                os.close(opened(self.folder, _beside(file, path), asked))
                self.beside.append(inside(_beside(file, path), asked))
            elif path is not None:
                self.sources.append((path, asked))

    def base(self, *others: str) -> str:
        """The folder that all sources are found from: the bot's, or that of its first file.

        Raises EnvironmentFailed.
        """
        refusals = []
        for base in ("", *others):
            try:
                for path, asked in self.sources:
                    os.close(opened(self.folder, os.path.join(base, path), asked))  # noqa: PTH118
            except EnvironmentFailed as problem:
                refusals.append(problem)
            except OSError:
                refusals.append(outside(path, asked))
            else:
                return base
        raise refusals[0]


def _beside(file: str, path: str) -> str:
    """A path that counts from the folder of a file."""
    return os.path.join(os.path.dirname(file), path)  # noqa: PTH118, PTH120 - not paths of this host
