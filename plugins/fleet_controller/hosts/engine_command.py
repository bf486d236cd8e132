"""How a host's engine is asked for something, in one line for the shell of that host."""

from __future__ import annotations

import shlex


def engine_command(python: str, *words: str) -> str:
    """``python -I -m fleet_stress`` and these arguments, quoted.

    ``-I`` as in ``fleet_stress/system/own_python.py``: root imports nothing from the folder that a login begins in.
    """
    return shlex.join([python, "-I", "-m", "fleet_stress", *words])
