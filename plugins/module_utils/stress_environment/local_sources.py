"""What is installed from a folder of this host: its hash, and a copy of it that a build may write into."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from .requirement_line import NotUnderstood, parsed
from .tree_digest import digest

#: What a build leaves in the folder that it is given; it is not part of what was asked.
_OF_BUILDS = ("__pycache__", "*.egg-info", "/build", "/.git")


def hashes_of_packages(packages: Sequence[str], base: Path) -> list[str]:
    """Of all that an operator's requirements install from this host, in order; paths count from ``base``."""
    found = []
    for package in packages:
        try:
            places = parsed(package).sources
        except NotUnderstood:
            continue
        for place in places:
            try:
                found.append(digest(base / place, _OF_BUILDS))
            except FileNotFoundError:  # pip says so
                found.append("")
    return found


def copy(folder: Path, scratch: Path) -> None:
    """Make a copy that whoever asks may write into."""
    shutil.copytree(folder, scratch, symlinks=True)
    for parent, folders, files in os.walk(scratch):
        for name in (*folders, *files):
            place = Path(parent, name)
            if not place.is_symlink():
                place.chmod(place.stat().st_mode | 0o200)
    scratch.chmod(0o755)


def compiled_into(scratch: Path, folder: Path) -> list[str]:
    """Libraries that a build has put into the copy of a folder, which has none of them."""
    found = [
        Path(parent, name) for parent, _, names in os.walk(scratch) for name in names if name.endswith(".so")
    ]
    inside = [place.relative_to(scratch) for place in found]
    return sorted(
        str(place) for place in inside if not os.path.lexists(folder / place) and place.parts[0] != "build"
    )
