"""What an arena's folders begin with, where that is not nothing: what another arena of ours has left."""

from __future__ import annotations

import shutil
from pathlib import Path


def plant(seed: Path, folder: Path) -> None:
    """Copy files, folders and links of ``seed`` into ``folder``, times included. Raises OSError, shutil.Error.

    Pipes, sockets and devices are left out: a bot makes them anew, and a copy of one would wait for ever.
    """
    shutil.copytree(seed, folder, symlinks=True, ignore=_special, dirs_exist_ok=True)


def _special(folder: str, names: list[str]) -> list[str]:
    paths = {name: Path(folder, name) for name in names}
    return [name for name, one in paths.items() if not (one.is_symlink() or one.is_file() or one.is_dir())]
