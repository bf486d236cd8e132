"""A signal to each of several processes, of which any may have ended since it was found."""

import contextlib
import os
from collections.abc import Iterable
from signal import Signals
from typing import Protocol


class _Process(Protocol):
    @property
    def pid(self) -> int: ...


def signal_each(number: Signals, processes: Iterable[_Process]) -> None:
    """Send the signal to each that lives; one that has ended needs none."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
