"""A file system of ours in the place of a folder, as the arena that asked for it sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress import system
from fleet_stress.faulty_fs.shipped import record
from fleet_stress.store.exit_words import exit_words, split_exit
from fleet_stress.system import helper_process

#: From its start to its first word, and from a word of ours to its answer: deadlines, in seconds.
_READY_WITHIN = 30.0
_ANSWER_WITHIN = 5.0
#: The same where the power was cut: what was lost is made of copies of files. Seconds.
_LOSE_WITHIN = 120.0
#: Whoever still uses it when it is taken away keeps it so long, in seconds, and after that until the arena ends.
_GONE_WITHIN = 1.0
_CONNECTIONS = Path("/sys/fs/fuse/connections")


class Order(NamedTuple):
    """What is to be served: which folder, by which name it is known among what is mounted, what the rules are."""

    folder: Path
    source: str
    rules: Sequence[Mapping[str, Any]]
    #: The rules are for this user alone.
    uid: int
    #: A folder of ours for its files; where its log and what it says on standard error go.
    scratch: Path
    evidence: Path
    mark: str
    #: How its files are called.
    name: str


class FuseMount:
    """Stands from the moment that it is made. ``take_away`` undoes it; so does the death of this process."""

    by = "fuse"

    def __init__(self, order: Order) -> None:
        """Start it and wait until it is mounted. Raises OSError with what it said."""
        self.order = order
        name = order.name
        self._figures = order.scratch / f"{name}.figures"
        self.log = order.evidence / f"{name}.jsonl"
        record.make(self._figures, len(order.rules))
        asked = order.scratch / f"{name}.json"
        document = {
            "folder": str(order.folder),
            "source": order.source,
            "rules": list(order.rules),
            "uid": order.uid,
            "spared": [os.getpid()],
            "figures": str(self._figures),
            "log": str(self.log),
        }
        asked.write_text(json.dumps(document), encoding="utf-8")
        for one in (self._figures, asked):  # what a bot could read it could also tell a real disk by
            one.chmod(0o600)
        self._said = order.evidence / f"{name}.err"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fleet_stress.faulty_fs.server", str(asked)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=helper_process.environment(order.mark),
                start_new_session=True,
                preexec_fn=system.die_with_parent,
            )
        #: Whether it has to be there, and the sentence that it was lost while it had to.
        self._expected = True
        self._lost: str | None = None
        self.lost: dict[str, Any] | None = None
        try:
            if self._hear(_READY_WITHIN) != "mounted":
                raise OSError(f"the faulty file system was not mounted: {self._last_words()}")
        except BaseException:
            self.release()
            raise
        self._connection = _connection(order.folder, order.source)

    def died(self) -> str | None:
        """That it was lost while it had to be there, as a sentence; None: it is there, or was taken away."""
        if self._lost is None and self._expected and self._process.poll() is not None:
            how = exit_words(split_exit(self._process.returncode))
            self._lost = f"the process of the faulty file system died ({how}): {self._last_words()}"
        return self._lost

    def figures(self) -> record.Figures:
        """How often it was met, so far."""
        return record.read(self._figures, len(self.order.rules))

    def switch_off(self) -> None:
        """From now on all passes. One that does not answer is ended, and whoever waited for it gets an error."""
        with contextlib.suppress(OSError, ValueError):  # dead, or closed because it was
            assert self._process.stdin is not None
            self._process.stdin.write(b"off\n")
            self._process.stdin.flush()
        if self._process.poll() is not None:
            return
        cut = any("forget" in rule for rule in self.order.rules)
        try:
            answer = json.loads(self._hear(_LOSE_WITHIN if cut else _ANSWER_WITHIN))
        except ValueError:
            self.release()
            return
        self.lost = answer.get("lost")
        if "failed" in answer:
            self._lost = f"what a power cut leaves of the folder could not be made: {answer['failed']}"

    def take_away(self) -> None:
        """Let the folder be seen again; repeatable. Raises OSError.

        A bot that still has something open in it goes on with that, so the process stays until it has let go.
        """
        self._expected = False
        while self.stands():
            system.unmount(self.order.folder)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_WITHIN)
            self._close()

    def release(self) -> None:
        """End it now, whatever it does: the kernel answers all who wait with an error. Repeatable.

        The connection is aborted first: a process that itself waits for a dead disk cannot be killed.
        """
        if self.died() is None and self._expected:
            self._lost = (
                "the faulty file system did not answer and was ended; whoever waited for it got an error"
            )
        self._expected = False
        connection = getattr(self, "_connection", None)
        if connection is not None and self._process.poll() is None:
            with contextlib.suppress(OSError):
                (_CONNECTIONS / connection / "abort").write_text("1")
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not written to whoever is dead
                    stream.close()

    def about(self) -> dict[str, Any]:
        """Nothing more: it sees all that the kernel is asked for."""
        return {}

    def stands(self) -> bool:
        """Whether it is mounted, as a look at what is mounted tells: the folder itself might not answer."""
        wanted = (str(self.order.folder), self.order.source)
        return any((one.point, one.source) == wanted for one in system.mounts())

    def _hear(self, within: float) -> str:
        """Its next line; empty when none comes in time."""
        assert self._process.stdout is not None
        deadline, said = time.monotonic() + within, b""
        while not said.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                return ""
            more = os.read(self._process.stdout.fileno(), 1)
            if not more:
                return ""
            said += more
        return said.decode("utf-8", "replace").strip()

    def _last_words(self) -> str:
        lines = self._said.read_text(encoding="utf-8", errors="replace").splitlines()
        return "; ".join(line.strip() for line in lines[-3:] if line.strip()) or "it said nothing"


def _connection(folder: Path, source: str) -> str | None:
    """The number of its connection in /sys/fs/fuse/connections: the minor number of its device."""
    for one in system.mounts():
        if (one.point, one.source) == (str(folder), source):
            return one.device.partition(":")[2]
    return None
