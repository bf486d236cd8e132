"""Where the catalogue lies, and how its files are named to people."""

from __future__ import annotations

import os
from pathlib import Path

#: The project that this file belongs to.
ROOT = Path(__file__).resolve().parents[3]
#: A file beside a bot profile, which is none itself (``known_findings.py``).
KNOWN_SUFFIX = ".known.yml"


class Project:
    """One project folder: ``scenarios/``, ``bots/``, ``profiles/``, ``schemas/``, ``results/``."""

    def __init__(self, root: Path | str | None = None, relative_to: Path | str | None = None) -> None:
        """``relative_to``: folder that the operator's relative paths count from; the current one if None."""
        self.root = Path(root) if root else ROOT
        self.caller = Path(relative_to) if relative_to else Path.cwd()

    def files(self, folder: str) -> dict[str, Path]:
        """The YAML files of a folder by their names without ``.yml``, sorted."""
        found = sorted((self.root / folder).glob("*.yml"))
        return {
            path.stem: path
            for path in found
            if not path.name.startswith(".") and not path.name.endswith(KNOWN_SUFFIX)
        }

    def shown(self, path: Path) -> str:
        """A path as people read it: from the project's root if it lies below, else whole."""
        try:
            return str(path.relative_to(self.root))
        except ValueError:
            return str(path)

    def of_caller(self, path: str) -> Path:
        """A path that the operator typed, absolute and without ``..``; ``~`` is their home."""
        return Path(os.path.normpath(self.caller / Path(path).expanduser()))
