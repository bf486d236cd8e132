"""A file to which whole lines are appended: what json_lines.py and csv_ledger.py share."""

import errno
import os

from common import say


def read(path, usable, *, repair):
    """How many lines at its start are usable; what follows them is cut off, unless nobody repairs it."""
    try:
        raw = path.read_bytes()
        whole, lines = 0, 0
        for line in raw.splitlines(keepends=True):
            if not (line.endswith(b"\n") and usable(line)):
                break
            whole, lines = whole + len(line), lines + 1
        if whole != len(raw) and repair:
            say(f"{path.name} ends in what cannot be used, which is cut off")
            os.truncate(path, whole)
        return lines
    except FileNotFoundError:
        return 0
    except OSError as problem:
        say(f"{path.name} cannot be used: {problem}")
        return 0


def append(path, line):
    """Whether the line is on the disk, whole; if not, nothing of it is."""
    try:
        with path.open("ab", buffering=0) as stream:
            before = stream.seek(0, os.SEEK_END)
            try:
                if stream.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(before)
                raise
        return True
    except OSError as problem:
        say(f"cannot write {path.name}: {problem}")
        return False
