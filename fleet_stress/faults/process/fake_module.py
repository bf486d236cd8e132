"""A fake of a Python module that fails, and remembers who met it (rows 5.1 to 5.4 of the stress plan).

A real package, ``<folder>/modules/<module>/__init__.py``: a file ``__init__.py`` straight in the folder, as the
plan has it, would leave ``import numpy`` to the real one. Used by the fault ``broken_module`` and by the
Ansible module of that name.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files
from fleet_stress.store import deletion

#: What goes wrong: at import with RuntimeError (as in the stress plan) or ImportError, or at the first use.
KINDS = ("import_runtime_error", "import_import_error", "fails_at_first_use")
MODULE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
#: What every failure says: by this one tells it from any other.
SAYS = "stress test: simulated failure of {module}"

_PROGRAM = '''\
"""A fake that fails, made by fleet-stress for a stress test. Kind: {kind}."""

# Nothing else is imported: it might be the very module that this is a fake of.
import os
import sys

_MET = {met!r}


def _note(what):
    words = [str(os.getpid()), what, *(str(one)[:200] for one in getattr(sys, "argv", ()))]
    line = "\\t".join(" ".join(word.split()) for word in words)
    try:
        descriptor = os.open(_MET, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return
    os.write(descriptor, (line + "\\n").encode("utf-8", "replace"))
    os.close(descriptor)


_note("import")
{failure}
'''
_FAILURES = {
    "import_runtime_error": "raise RuntimeError({says!r})",
    "import_import_error": "raise ImportError({says!r}, name={module!r})",
    "fails_at_first_use": """

def __getattr__(name):
    # Names of Python's own, which importing itself asks for, are not there; whatever else is asked for is use.
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    _note("use " + name)
    raise RuntimeError({says!r} + ", asked for " + name)""",
}


def search_path(folder: Path) -> Path:
    """What has to come first on PYTHONPATH."""
    return folder / "modules"


def program(folder: Path, module: str, kind: str) -> str:
    """The text of the fake."""
    says = SAYS.format(module=module)
    failure = _FAILURES[kind].format(says=says, module=module)
    return _PROGRAM.format(kind=kind, met=str(_met(folder, module)), failure=failure)


def check_name(module: str) -> None:
    """Raise ValueError for what is no name of a top-level module: it becomes the name of a folder."""
    if not re.fullmatch(MODULE_PATTERN, module):
        raise ValueError(f"{module!r} is no name of a top-level module, such as numpy")


def may_note(folder: Path, owner: int | None, wanted: str | None) -> bool:
    """Whether the account ``owner`` (any, if None) may note there what a wanted fake met."""
    notes = folder / "met"
    if wanted is None:
        return True
    return notes.is_dir() and owner in (None, notes.stat().st_uid)


def put(folder: Path, module: str, kind: str, owner: tuple[int, int] | None = None) -> None:
    """Put the fake in place below ``folder``; ``owner`` (uid, gid) may note there that it was met.

    Only ``<folder>/met`` is theirs: who runs the bot cannot mend the fake. Raises OSError, and ValueError for
    what is no name of a module.
    """
    check_name(module)
    package = search_path(folder) / module
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(program(folder, module, kind), encoding="utf-8")
    for path in (search_path(folder), package):
        path.chmod(0o755)
    (package / "__init__.py").chmod(0o644)
    met = _met(folder, module).parent
    met.mkdir(exist_ok=True)
    if owner is not None:
        shutil.chown(met, *owner)


def standing(folder: Path, module: str) -> str | None:
    """The text of the fake that stands there, or None."""
    path = search_path(folder) / module / "__init__.py"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def met(folder: Path, module: str) -> list[dict[str, Any]]:
    """Who met the fake, in order: ``pid``, ``what`` (``import``, ``use NAME``) and ``argv``."""
    # The folder belongs to the bot's user: no link is followed.
    data = bot_files.read_regular(_met(folder, module)) or b""
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        pid, _, rest = line.partition("\t")
        what, *argv = rest.split("\t")
        if pid.isdigit() and what:
            found.append({"pid": int(pid), "what": what, "argv": argv})
    return found


def take_away(folder: Path, module: str) -> None:
    """Remove the fake and its notes, and what is empty then; repeatable. Raises OSError, NotOurs."""
    deletion.remove_tree(search_path(folder) / module)
    deletion.remove_tree(_met(folder, module))
    for path in (search_path(folder), folder / "met"):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _met(folder: Path, module: str) -> Path:
    return folder / "met" / f"{module}.txt"
