"""What the doubles of one Mac share: one JSON file, changed by one program at a time."""

import contextlib
import fcntl
import json
import os
from pathlib import Path


class Refused(Exception):
    """What the real program refuses: its exit code, and what it says on stderr."""

    def __init__(self, code, said, out=""):
        super().__init__(said)
        self.code, self.said, self.out = code, said, out


@contextlib.contextmanager
def state(path):
    """The state as a dictionary; what is changed in it is kept, also when the program refuses half-way."""
    path = Path(path)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        document = json.loads(path.read_text()) if path.exists() else {}
        try:
            yield document
        finally:
            new = path.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(document, indent=1))
            new.replace(path)
