"""Whether the bot has met a fault that leaves no other trace: by the system's own name of the error, in what it says.

A file that could not be opened is seen by nobody but the bot. A program that tells of its errors at all tells them with
the C library's text or the error's name; so these are looked for in what it prints and logs from now on, and no
profile has to say how.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence

from fleet_stress.faults.site import Site
from fleet_stress.observe.line_counter import NewLines


class Sightings:
    """Counts the lines of the start that runs, and of the text logs, that name one of these errors."""

    def __init__(self, site: Site, *numbers: int, words: Sequence[str] = ()) -> None:
        """``numbers`` are those of errno(3), ``words`` are patterns of errors that have none there.

        What stands in the files already does not count.
        """
        names = [word for one in numbers for word in (errno.errorcode[one], os.strerror(one))]
        pattern = "|".join([*map(re.escape, names), *words])
        newest = sorted(site.evidence.glob("start-*.err"))[-1:]
        told_in = [*newest, *(one.with_suffix(".out") for one in newest)]
        told_in += [one.path for one in site.files.values() if one.format == "text"]
        self._lines = [NewLines(one, pattern) for one in told_in]
        self._told = 0
        self.looked_for = " or ".join(dict.fromkeys(os.strerror(one) for one in numbers))

    def met(self) -> int:
        """How many such lines there are so far."""
        self._told += sum(one.more()[0] for one in self._lines)
        return self._told

    def close(self) -> None:
        """Let go of the files."""
        for one in self._lines:
            one.close()
