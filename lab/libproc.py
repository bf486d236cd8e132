"""A double of macOS's libproc for Linux, made of ``libproc.c``: it takes a C compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("libproc.c")


def compiler() -> str | None:
    """One that is here."""
    return shutil.which("cc") or shutil.which("gcc")


def build(library: Path) -> Path:
    """Make the library; there must be a compiler."""
    subprocess.run([str(compiler()), "-shared", "-fPIC", "-o", library, _SOURCE], check=True)
    return library
