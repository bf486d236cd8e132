"""By what we tell our folders and processes from those of others."""

from __future__ import annotations

import os
from pathlib import Path

MARKER = ".fleet-stress"
#: Name of the environment variable that every process of an arena inherits: ``<mark of the run>/<scenario>``.
MARK_VARIABLE = "FLEET_STRESS_RUN"
#: The same for an arena's own process, which is ours and not the bot's.
ARENA_VARIABLE = "FLEET_STRESS_ARENA"


def owner_of(path: Path) -> Path | None:
    """The nearest folder above ``path`` that carries our marker, or None.

    The path's own parents are resolved, so that a link cannot lead us out of our folder.
    """
    parent = Path(os.path.realpath(path.parent))
    return next((folder for folder in (parent, *parent.parents) if (folder / MARKER).is_file()), None)
