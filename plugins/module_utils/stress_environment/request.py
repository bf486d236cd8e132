"""What was asked for, and whether an environment holds it: its stamp, written last, says so."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    """Everything that decides what is in the environment."""

    python: str
    version: str
    wheels: tuple[str, ...]
    requirements: tuple[str, ...]
    packages: tuple[str, ...]
    constraints: tuple[str, ...]

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
    """Why an environment must be built; empty if it is complete."""
    try:
        stamp = json.loads(stamp_of(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "was not finished" if path.exists() else "is not there"
    except (OSError, ValueError):
        return "its stamp cannot be read"
    if stamp.get("asked") != key:
        return "something else was asked for"
    # -S: site would run what foreign packages brought, and this runs as root.
    return "" if starts(path / "bin/python", "-I", "-S") else "its interpreter does not start"


def stamp_of(path: Path) -> Path:
    """Beside the environment: what builds in it cannot write it."""
    return path.with_name(f"{path.name}.json")


def write_stamp(path: Path, request: Request) -> None:
    """The last thing: from now on it is complete, also after a power cut."""
    stamp = stamp_of(path)
    temporary = stamp.with_name(f".{stamp.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump({"made_by": "fleet-stress", "asked": request.key, "lines": request.lines}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(0o644)
    temporary.replace(stamp)


def starts(python: Path, *options: str) -> str:
    """The version of an interpreter, or empty if it does not start."""
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [str(python), *options, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
