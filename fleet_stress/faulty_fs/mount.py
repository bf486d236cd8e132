"""The faulty file system mounted on a folder, as its arena sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress import system
from fleet_stress.faulty_fs.shipped import record
from fleet_stress.store.exit_words import exit_words, split_exit
from fleet_stress.system import children, helper_process, own_python

#: Deadlines in seconds: for its first line after the start, and for an answer.
_READY_WITHIN = 30.0
_ANSWER_WITHIN = 5.0
#: For an answer after a power cut, when lost content is restored from copies. Seconds.
_LOSE_WITHIN = 120.0
#: Seconds to wait for its process after the unmount; if it is still in use, it stays until the arena ends.
_GONE_WITHIN = 1.0
_CONNECTIONS = Path("/sys/fs/fuse/connections")


class Order(NamedTuple):
    """What to serve: the folder, the source name of the mount, and the rules."""

    folder: Path
    source: str
    rules: Sequence[Mapping[str, Any]]
    #: The rules apply to this user alone.
    uid: int
    #: Our folder for its files; where its log and its standard error go.
    scratch: Path
    evidence: Path
    mark: str
    #: The base name of its files.
    name: str


class FuseMount:
    """Active once it is made. ``take_away`` undoes it; so does the death of this process."""

    by = "fuse"

    def __init__(self, order: Order) -> None:
        """Start it and wait until it is mounted. Raises OSError with its message."""
        self.order = order
        name = order.name
        self._figures = order.scratch / f"{name}.figures"
        self.log = order.evidence / f"{name}.jsonl"
        record.make(self._figures, len(order.rules))
        order_file = order.scratch / f"{name}.json"
        document = {
            "folder": str(order.folder),
            "source": order.source,
            "rules": list(order.rules),
            "uid": order.uid,
            "spared": [os.getpid()],
            "figures": str(self._figures),
            "log": str(self.log),
        }
        order_file.write_text(json.dumps(document), encoding="utf-8")
        for path in (
            self._figures,
            order_file,
        ):  # a bot that could read them could tell that the disk is not real
            path.chmod(0o600)
        self._errors = order.evidence / f"{name}.err"
        with self._errors.open("wb") as errors:
            self._process = children.in_own_session(
                own_python.argv("fleet_stress.faulty_fs.server", str(order_file)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=helper_process.environment(order.mark),
                preexec_fn=system.die_with_parent,
            )
        #: Whether it should be running, and the sentence that it died while it should.
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
        """That it died unexpectedly, as a sentence; None: it runs, or was removed."""
        if self._lost is None and self._expected and self._process.poll() is not None:
            how = exit_words(split_exit(self._process.returncode))
            self._lost = f"the process of the faulty file system died ({how}): {self._last_words()}"
        return self._lost

    def figures(self) -> record.Figures:
        """Its counters so far."""
        return record.read(self._figures, len(self.order.rules))

    def switch_off(self) -> None:
        """Every operation passes from now on. If it does not answer it is ended, and waiting callers get an error."""
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
        """Unmount it, so that the folder is visible again; repeatable. Raises OSError.

        A bot can go on using files that it has open, so the process stays until they are closed.
        """
        self._expected = False
        system.unmount_named(self.order.source)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_WITHIN)
            self._close()

    def release(self) -> None:
        """End it now: the kernel answers all waiting callers with an error. Repeatable.

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
                with contextlib.suppress(OSError):  # unwritten data for a dead process
                    stream.close()

    def about(self) -> dict[str, Any]:
        """Nothing more to say: it sees everything that the kernel is asked for."""
        return {}

    def stands(self) -> bool:
        """Whether it is mounted, by the mount table: the folder itself might not answer."""
        wanted = (str(self.order.folder), self.order.source)
        return any((mount.point, mount.source) == wanted for mount in system.mounts())

    def _hear(self, within: float) -> str:
        """Its next line; empty: none came in time."""
        assert self._process.stdout is not None
        deadline, line = time.monotonic() + within, b""
        while not line.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                return ""
            more = os.read(self._process.stdout.fileno(), 1)
            if not more:
                return ""
            line += more
        return line.decode("utf-8", "replace").strip()

    def _last_words(self) -> str:
        lines = self._errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return "; ".join(line.strip() for line in lines[-3:] if line.strip()) or "it said nothing"


def _connection(folder: Path, source: str) -> str | None:
    """The number of its connection in /sys/fs/fuse/connections: the minor number of its device."""
    for mount in system.mounts():
        if (mount.point, mount.source) == (str(folder), source):
            return mount.device.partition(":")[2]
    return None
