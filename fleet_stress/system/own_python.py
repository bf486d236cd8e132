"""How every process of ours on a host is started: by the engine's own Python, isolated.

``-I`` (https://docs.python.org/3/using/cmdline.html#cmdoption-I) keeps the current folder, ``PYTHONPATH`` and the
user's own packages out of ``sys.path``: root imports nothing from where a command happens to be given.
"""

from __future__ import annotations

import sys


def argv(module: str, *words: str) -> list[str]:
    """The command that runs ``module`` of ours with these arguments."""
    return [sys.executable, "-I", "-m", module, *words]
