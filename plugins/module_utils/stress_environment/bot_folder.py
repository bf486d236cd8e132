"""The door to the files of a bot's copy: regular files inside it, with a limit; no links, no pipes, nothing outside."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .failure import EnvironmentFailed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ANY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def inside(path: str, asked: str) -> str:
    """A path relative to a bot's folder, without ``..``; ``asked``: who names it. Raises EnvironmentFailed."""
    plain = os.path.normpath(path)
    if plain.startswith("/") or plain.split("/")[0] == ".." or "\0" in plain:
        raise outside(path, asked)
    return plain


def outside(path: str, asked: str) -> EnvironmentFailed:
    """The refusal of what a bot does not bring along."""
    return EnvironmentFailed(
        f"{asked}: {path} is not in the bot's folder. A bot brings all that it installs: put it there, and name it"
        " relative to that folder, or leave the line out."
    )


def opened(folder: Path, path: str, asked: str) -> int:
    """A descriptor of a regular file or a folder inside. Raises EnvironmentFailed, also for links, and OSError."""
    parts = inside(path, asked).split("/")
    descriptor = os.open(folder, _FOLDER)
    try:
        for number, part in enumerate(parts):
            status = os.lstat(part, dir_fd=descriptor)
            last = number == len(parts) - 1
            if not stat.S_ISDIR(status.st_mode) and not (last and stat.S_ISREG(status.st_mode)):
                raise EnvironmentFailed(
                    f"{asked}: {path} is a link, or neither a file nor a folder. Put the file itself into the bot's"
                    " folder."
                )
            deeper = os.open(part, _ANY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
    except BaseException as problem:
        os.close(descriptor)
        if isinstance(problem, OSError):
            problem.filename = path
        raise
    return descriptor


def text_of(folder: Path, path: str, asked: str, limit: int) -> str:
    """The text of a file inside. Raises EnvironmentFailed, OSError, UnicodeDecodeError."""
    with os.fdopen(opened(folder, path, asked), "rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise EnvironmentFailed(
            f"{asked}: {path} has more than {limit} bytes, as no requirements file has. Correct what it names."
        )
    # Not "utf-8-sig": Python loads that only when it is used, which may be as a user who cannot read its files.
    return (data[3:] if data.startswith(b"\xef\xbb\xbf") else data).decode("utf-8")
