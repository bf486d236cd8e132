"""What is said on standard output and error: a line for whoever watches, and nobody has to."""

import contextlib
import os
import select

#: Standard input, output and error.
_STANDARD = (0, 1, 2)


def hold_standard_numbers() -> None:
    """Let none of them be free: what is opened next would get the number, and be written to by mistake.

    To be called before anything is opened. Whoever starts us may have closed them.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def say(line: str) -> None:
    """Print a line, unless that would make us wait: a full pipe that nobody reads, a reader that is gone, a full disk.

    A line is far shorter than what a pipe takes in one piece, so one that is ready takes it at once (pipe(7)).
    """
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [1], [], 0)[1]:
            os.write(1, f"{line}\n".encode())


def complain(line: str) -> None:
    """Say it on standard error, as far as that can be written: what it leads to may be full."""
    with contextlib.suppress(OSError):
        os.write(2, f"{line}\n".encode("utf-8", "backslashreplace"))
