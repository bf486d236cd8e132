"""Whether a fault hit the bot that leaves no other trace: by the system's own name of the error, in the bot's words.

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

#: What programs with words of their own say where they can open or make no file: SQLite, whatever the error was
#: (sqlite.org/rescode.html#cantopen), and dash, the /bin/sh of Debian (its error.c).
NO_FILE = ("unable to open database file", "directory nonexistent")
#: What else they say without a descriptor: dash, and glibc's loader of a program that is started then.
NO_DESCRIPTOR = ("pipe call failed", "shared object file: error 24")


class Sightings:
    """Counts the lines of the start that runs, and of the text logs, that name one of these errors."""

    def __init__(self, site: Site, *numbers: int, words: Sequence[str] = ()) -> None:
        """``numbers`` are those of errno(3), ``words`` are patterns of errors that have none there.

        What is in the files already does not count.
        """
        names = [word for number in numbers for word in (errno.errorcode[number], os.strerror(number))]
        pattern = f"(?i:{'|'.join([*map(re.escape, names), *words])})"  # Go says `no space left on device`
        newest = sorted(site.evidence.glob("start-*.err"))[-1:]
        outputs = [*newest, *(path.with_suffix(".out") for path in newest)]
        outputs += [tracked.path for tracked in site.files.values() if tracked.format == "text"]
        self._lines = [NewLines(path, pattern) for path in outputs]
        self._count = 0
        self.looked_for = " or ".join(dict.fromkeys(os.strerror(number) for number in numbers))

    def count(self) -> int:
        """How many such lines there are so far."""
        self._count += sum(lines.more()[0] for lines in self._lines)
        return self._count

    def close(self) -> None:
        """Close the files."""
        for lines in self._lines:
            lines.close()
