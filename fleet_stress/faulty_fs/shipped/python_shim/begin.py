"""Puts everything in its place, in one process of the bot."""

from __future__ import annotations

import _io
import builtins
import io
import os
import posix
import sys
from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim import calls, notices, streams
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders

#: Sets of functions that say what they can do (os.supports_dir_fd): who stands for one of them can do the same.
_SETS = ("supports_dir_fd", "supports_effective_ids", "supports_fd", "supports_follow_symlinks")


def begin(folder: str) -> None:
    """Obey the orders in ``folder``, from now on and in all children. Raises what is wrong with them."""
    folders = Folders(folder)
    if not folders.watched:
        return
    instead: dict[Any, Any] = dict(calls.made(folders))
    instead[_io.open] = streams.Open(_io.open, folders)
    for function in [one for one in instead if one in vars(posix).values()]:
        for name in _SETS:
            able = getattr(os, name)
            if function in able:
                able.remove(function)
                able.add(instead[function])
    places = [builtins, io, _io, os, posix, *sys.modules.values()]
    for module in {id(one): one for one in places}.values():
        if not getattr(module, "__name__", "").startswith("fleet_stress"):
            _put(vars(module) if hasattr(module, "__dict__") else {}, instead)
    notices.listen(folders)


def _put(names: dict[str, Any], instead: dict[Any, Any]) -> None:
    for name, value in list(names.items()):
        try:
            stands = instead.get(value)
        except TypeError:  # it cannot be hashed, so it is none of them
            continue
        if stands is not None and stands is not value:
            names[name] = stands
