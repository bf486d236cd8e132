"""What was asked for, and whether an environment holds it: its stamp, written last, says so.

Nothing in an environment is run to find out: a package that was installed there may have replaced its interpreter.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from .tree_digest import digest


class Request(NamedTuple):
    """Everything that decides what is in the environment."""

    python: str
    version: str
    wheels: tuple[str, ...]
    requirements: tuple[str, ...]
    packages: tuple[str, ...]
    constraints: tuple[str, ...]
    #: Hashes of the folders and files of this host that are installed.
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """SHA-256 of all that."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()

    @property
    def lines(self) -> list[str]:
        """For a person: what is installed into what."""
        wheels = [Path(wheel).name for wheel in self.wheels]
        constraints = [f"constraint: {line}" for line in self.constraints]
        return [f"Python {self.version}", *wheels, *self.requirements, *self.packages, *constraints]


def why_incomplete(path: Path, key: str) -> str:
    """Why an environment must be built; empty if it is complete, and is what was stamped."""
    try:
        stamp = json.loads(stamp_of(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "was not finished" if os.path.lexists(path) else "is not there"
    except (OSError, ValueError):
        return "its stamp cannot be read"
    if stamp.get("asked") != key:
        return "something else was asked for"
    try:
        return "" if stamp.get("tree") == _tree(path, stamp) else "was changed since it was built"
    except OSError:
        return "was changed since it was built"


def stamp_of(path: Path) -> Path:
    """Beside the environment: what builds in it cannot write it."""
    return path.with_name(f"{path.name}.json")


def write_stamp(path: Path, request: Request, *, runs_here: bool) -> None:
    """The last thing: from now on it is complete, also after a power cut.

    ``runs_here``: whoever seals it also runs it, so that Python may add compiled files: they are not in the hash.
    """
    stamp = stamp_of(path)
    temporary = stamp.with_name(f".{stamp.name}.new")
    content: dict[str, Any] = {"made_by": "fleet-stress", "asked": request.key, "lines": request.lines}
    content["runs_here"] = runs_here
    content["tree"] = _tree(path, content)
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(0o644)
    temporary.replace(stamp)


def _tree(path: Path, stamp: dict[str, Any]) -> str:
    return digest(path, ("__pycache__",) if stamp.get("runs_here") else ())


def starts(python: Path, *options: str) -> str:
    """The version of an interpreter of the host, or empty if it does not start."""
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [str(python), *options, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
