"""Runs one program of a build, and ends all that it started before it says how that went.

A keeper is forked, which lives no longer than we do. On Linux as root the program runs in a PID namespace, which the
kernel kills as a whole; else on Linux the keeper adopts whatever forks away, and kills until nothing is left. Elsewhere
the program's process group is killed, and as root all processes of the user that builds, while no bot runs.
"""

from __future__ import annotations

import os
import pwd
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from . import confinement

#: How a program ends; of STILL_THERE some process lives on.
WELL, FAILED, TOO_SLOW, STILL_THERE = range(4)
#: Bytes of a program's output that are kept, of its beginning and of its end each: it is a stranger's.
KEPT_OUTPUT = 128 * 1024
#: Seconds in which what a build left is killed again and again.
_ENDING = 10.0
#: Seconds in which killing its processes one by one is enough for all but those that want to escape.
_QUICK = 1.0
_LOOK_EVERY = 0.02


class Program(NamedTuple):
    """What is run. ``owner``: as whom (None: as ourselves); ``keep_open``: descriptors that it inherits."""

    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    owner: pwd.struct_passwd | None = None
    keep_open: Sequence[int] = ()
    #: Whether all processes of ``owner`` may be killed, where no kernel keeps those of a build together.
    owner_is_idle: bool = False


class Output:
    """The beginning and the end of what a program wrote."""

    def __init__(self) -> None:
        self._head, self._tail = b"", b""

    def add(self, data: bytes) -> None:
        """Keep it, or drop what is in the middle."""
        room = KEPT_OUTPUT - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[room:])[-KEPT_OUTPUT:]

    @property
    def text(self) -> str:
        """Both parts."""
        return (self._head + self._tail).decode(errors="replace")


def run(program: Program, deadline: float) -> tuple[int, str]:
    """How it ended and what it wrote. ``deadline`` is of the monotonic clock.

    When this returns, no process of the program is there any more, but for STILL_THERE.
    """
    groups = os.getgrouplist(program.owner.pw_name, program.owner.pw_gid) if program.owner else []
    (reading, writing), (told, telling), us = os.pipe(), os.pipe(), os.getpid()
    keeper = os.fork()
    if keeper == 0:
        _child(lambda: _keep(program, groups, deadline, (writing, telling), us))
    os.close(writing)
    os.close(telling)
    output, how = Output(), STILL_THERE
    try:
        waiting = [reading, told]
        while told in waiting and time.monotonic() < deadline + 3 * _ENDING:
            ready = select.select(waiting, [], [], 1.0)[0]
            if reading in ready:
                data = os.read(reading, 65536)
                output.add(data)
                if not data:
                    waiting.remove(reading)
            elif told in ready:
                how = int.from_bytes(os.read(told, 1) or bytes([STILL_THERE]), "big")
                waiting.remove(told)
    finally:
        # The keeper is not reaped yet, so its number, and that of its group, is still its own.
        with suppress(ProcessLookupError):
            os.killpg(keeper, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(keeper, signal.SIGKILL)  # it may have died before it had a group
        os.waitpid(keeper, 0)
        os.close(reading)
        os.close(told)
    return how, output.text


def _child(work: Callable[[], int]) -> NoReturn:
    """In a forked child: whatever happens, nothing of its parent's code runs there."""
    code = STILL_THERE
    try:
        code = work()
    except BaseException as problem:
        with suppress(OSError):
            os.write(2, f"ERROR: {problem}\n".encode())
    finally:
        os._exit(code)


def _keep(
    program: Program, groups: Sequence[int], deadline: float, pipes: tuple[int, int], parent: int
) -> int:
    """The keeper: start the program, wait, end all that is left of it, tell, and wait to be ended."""
    os.setsid()
    if confinement.die_with_parent() and os.getppid() != parent:
        return STILL_THERE
    output, telling = pipes
    _redirect(output, [*program.keep_open, telling])
    apart = confinement.enter_namespaces()
    adopts = not apart and confinement.adopt_orphans()
    first = os.fork()
    if first == 0:
        _child(lambda: _init(program, groups) if apart else _begin(program, groups))
    status = _wait(first, deadline)
    how = TOO_SLOW if status is None else FAILED if status else WELL
    if status is None:
        os.kill(first, signal.SIGKILL)
        # Of a namespace's init this returns when the kernel has killed and reaped all others in there.
        os.waitpid(first, 0)
    if adopts:
        how = how if _end_adopted(program) else STILL_THERE
    elif not apart and program.owner and program.owner_is_idle:
        _end_all_of(program.owner)
    os.write(telling, bytes([how]))
    while True:
        signal.pause()


def _init(program: Program, groups: Sequence[int]) -> int:
    """The init of a PID namespace: reaps, ends with the program, and takes all others along."""
    confinement.die_with_parent()
    confinement.mount_proc()
    first = os.fork()
    if first == 0:
        _child(lambda: _begin(program, groups))
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == first:
            return FAILED if status else WELL


def _begin(program: Program, groups: Sequence[int]) -> NoReturn:
    """Become the program."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and children would inherit that
    confinement.give_up_privileges()
    if program.owner:
        confinement.limit_processes()
        os.setgroups(groups)
        os.setgid(program.owner.pw_gid)
        os.setuid(program.owner.pw_uid)
    confinement.die_with_parent()
    os.chdir(program.cwd)
    os.execvpe(program.argv[0], list(program.argv), dict(program.environment))


def _redirect(output: int, keep_open: Sequence[int]) -> None:
    """Nothing to read, all that is written goes into the pipe, and no other descriptor of ours is left open."""
    null = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((null, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, place)
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - numbers
        if int(name) > 2 and int(name) not in keep_open:
            with suppress(OSError):  # that of the listing itself
                os.close(int(name))
    for descriptor in keep_open[:-1]:
        os.set_inheritable(descriptor, True)


def _wait(first: int, deadline: float) -> int | None:
    """Reap until the program ends; its status, or None at the deadline."""
    while True:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == first:
            return status
        if not ended:
            if time.monotonic() > deadline:
                return None
            time.sleep(_LOOK_EVERY)


def _end_adopted(program: Program) -> bool:
    """Kill and reap our children until there is none: whoever is orphaned becomes one. False: some stay.

    Who forks and ends each millisecond may be quicker than we are, but not than a signal to all of its user.
    """
    began = time.monotonic()
    with suppress(OSError):
        os.nice(-20)
    while time.monotonic() < began + _ENDING:
        for pid in _children():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        if program.owner and program.owner_is_idle and time.monotonic() > began + _QUICK:
            _end_all_of(program.owner)
    return False


def _children() -> list[int]:
    """Our children (proc_tid_children(5); not every kernel has that file)."""
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_bytes().split()]
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - names, thousands of them
        if name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                stat = Path("/proc", name, "stat").read_bytes()
                parents.setdefault(int(stat.rpartition(b")")[2].split()[1]), []).append(int(name))
    return parents.get(os.getpid(), [])


def _end_all_of(owner: pwd.struct_passwd) -> None:
    """Kill all processes of a user, as that user: kill(-1) also reaches what forks meanwhile (kill(2))."""
    killer = os.fork()
    if killer == 0:
        _child(lambda: _kill_all_of(owner))
    os.waitpid(killer, 0)


def _kill_all_of(owner: pwd.struct_passwd) -> int:
    os.setgroups([])
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    if os.geteuid() and os.getuid():
        os.kill(-1, signal.SIGKILL)
    return WELL
