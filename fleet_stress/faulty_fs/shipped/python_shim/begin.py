"""Starts the shim in one process of the bot: replaces the functions that it watches."""

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

#: Sets of functions with a capability (os.supports_dir_fd): a replacement has the same capabilities.
_SETS = ("supports_dir_fd", "supports_effective_ids", "supports_fd", "supports_follow_symlinks")


def begin(folder: str) -> None:
    """Apply the orders in ``folder`` in this process and its children. Raises what is wrong with them."""
    folders = Folders(folder)
    if not folders.watched:
        return
    instead: dict[Any, Any] = dict(calls.made(folders))
    instead[_io.open] = streams.Open(_io.open, folders)
    for function in [each for each in instead if each in vars(posix).values()]:
        for name in _SETS:
            able = getattr(os, name)
            if function in able:
                able.remove(function)
                able.add(instead[function])
    places = [builtins, io, _io, os, posix, *sys.modules.values()]
    for module in {id(module): module for module in places}.values():
        if not getattr(module, "__name__", "").startswith("fleet_stress"):
            _put(vars(module) if hasattr(module, "__dict__") else {}, instead)
    notices.listen(folders)


def _put(names: dict[str, Any], instead: dict[Any, Any]) -> None:
    for name, value in list(names.items()):
        try:
            replacement = instead.get(value)
        except TypeError:  # not hashable, so it is none of them
            continue
        if replacement is not None and replacement is not value:
            names[name] = replacement
