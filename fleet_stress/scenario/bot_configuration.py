"""Configuration files of a bot that name places of its arena (``${outside}:${exchange.ready}``): filled in there.

They lie in the bot's copy already, as the profile's overlay has them; only the arena knows what its places are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fleet_stress.observe import bot_files
from fleet_stress.store.bare_python.no_links import open_regular


def fill_in(files: Mapping[str, str], copy: Path, places: Mapping[str, str]) -> list[Path]:
    """Write each of ``files`` (texts by their path in ``copy``) with its places filled in; returns their paths.

    What is no place of the arena stays as it is: a configuration may have placeholders of its own. One that is as it
    should be is left alone, for an instance may be reading it, and others are overwritten in place, because their disk
    may be full. The files belong to the bot's user, so no link is followed. Raises OSError.
    """
    written = []
    for name, text in files.items():
        filled = bot_files.fill_known(text, places).encode()
        path = copy / name
        with os.fdopen(open_regular(path, os.O_RDWR), "r+b") as stream:
            if stream.read(len(filled) + 1) != filled:
                stream.seek(0)
                stream.write(filled)
                stream.truncate()
        written.append(path)
    return written
