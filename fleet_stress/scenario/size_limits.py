"""How much a bot may print: its outputs lie in our evidence, and a bot must not fill a host with them.

The limit is ours, so a scenario in which it was reached proves nothing, whatever the bot did then (principle 8):
``evidence.limited`` says so. It is no limit of the kernel's (RLIMIT_FSIZE): that is one for all files of a bot's, and a
database may be large, or seem so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from fleet_stress.store import sizes

#: Bytes of one output of one start; beyond them the bot is ended.
OUTPUT_LIMIT = 256 * 1024 * 1024


def too_long(outputs: Iterable[Path]) -> str | None:
    """Why the bot has to be ended, in a sentence; None: its outputs are within the limit."""
    for output in outputs:
        try:
            size = os.lstat(output).st_size
        except OSError:
            continue
        if size > OUTPUT_LIMIT:
            return (
                f"the bot was ended because its output {output.name} reached {sizes.describe(size)};"
                f" the limit of fleet-stress is {sizes.describe(OUTPUT_LIMIT)}"
            )
    return None
