"""A question that is answered as the user who builds: what that user may not read, nobody reads for it."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable
from typing import TypeVar, cast

from .failure import EnvironmentFailed

#: Bytes of an answer.
MOST = 64 * 2**20
_Answer = TypeVar("_Answer")


def builder_called(user: str, path: object, *, look_only: bool = False) -> pwd.struct_passwd | None:
    """Who builds ``path``; None: we ourselves. Raises EnvironmentFailed.

    Where we only look, the user may yet have to be made.
    """
    try:
        return pwd.getpwnam(user) if user and os.geteuid() == 0 else None
    except KeyError:
        if look_only:
            return None
        raise EnvironmentFailed(
            f"{path}: there is no user {user} to build it. Run the whole provision stage."
        ) from None


def asked_as(owner: pwd.struct_passwd | None, question: Callable[[], _Answer]) -> _Answer:
    """What ``question`` returns, data that JSON has, when that user asks. Raises EnvironmentFailed, OSError."""
    if owner is None:
        return question()
    groups = os.getgrouplist(owner.pw_name, owner.pw_gid)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.setgroups(groups)
            os.setgid(owner.pw_gid)
            os.setuid(owner.pw_uid)
            with os.fdopen(writing, "w", encoding="utf-8") as stream:
                json.dump(_outcome(question), stream)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as stream:
            said = stream.read(MOST)
    finally:
        os.waitpid(child, 0)
    if not said:
        raise EnvironmentFailed(
            f"the user {owner.pw_name} could not be asked what the bot requires. Look at what ends its processes, then"
            " run again."
        )
    kind, answer = json.loads(said)
    if kind == "failed":
        raise EnvironmentFailed(answer)
    if kind == "problem":
        raise OSError(*answer)
    return cast(_Answer, answer)


def _outcome(question: Callable[[], object]) -> tuple[str, object]:
    try:
        return "answer", question()
    except EnvironmentFailed as problem:
        return "failed", str(problem)
    except UnicodeError as problem:
        return "failed", str(problem)
    except OSError as problem:
        return "problem", [problem.errno or 0, problem.strerror or str(problem), problem.filename or ""]
