"""A command of an operator, run on a lab, and what came of it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from lab.hosts import until
from lab.lab import ROOT, Lab

#: A deadline for one command, in seconds: only a broken test meets it.
WITHIN = 900.0
#: The links of a lab are short: whoever does not answer is known sooner than in the world.
_SSH = "-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=3 -o ServerAliveCountMax=4"


class Command:
    """``ansible-playbook …`` in a process group of its own."""

    def __init__(self, lab: Lab, folder: Path, words: Sequence[str], name: str) -> None:
        """``folder`` takes its results and what it says."""
        self._left: list[psutil.Process] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.results = folder / "results"
        self._said = folder / f"{name}.txt"
        binaries = Path(sys.executable).parent
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [
                    str(binaries / "ansible-playbook"),
                    *("-i", str(lab.inventory)),
                    *words,
                    *("-e", f"stress_results_dir={self.results}"),
                ],
                cwd=ROOT,
                env={
                    "PATH": f"{binaries}:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME": str(folder.parent),
                    "LC_ALL": "C.UTF-8",
                    "PYTHONUNBUFFERED": "1",  # into a file it would be said at the end only
                    "ANSIBLE_SSH_ARGS": _SSH,
                    "ANSIBLE_TIMEOUT": "6",
                    "ANSIBLE_SSH_RETRIES": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def says(self, words: str, within: float = 300.0) -> None:
        """Wait until it has printed that. Raises LabFailed."""
        until(lambda: words in self.said or self.process.poll() is not None, f"it says {words!r}", within)
        assert words in self.said, self.said[-3000:]

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Its exit code, negative when it was killed."""
        return self.process.wait(WITHIN)

    def kill(self) -> bool:
        """SIGKILL to ansible-playbook itself: its workers and their ssh are left to themselves, as a crash does."""
        if self.process.poll() is not None:
            return False
        self._left = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return True

    def end(self) -> None:
        """Whatever of it still runs, workers that a kill has orphaned among it."""
        if self.process.poll() is None:
            self._left = psutil.Process(self.process.pid).children(recursive=True)
        for item in self._left:
            with contextlib.suppress(psutil.NoSuchProcess):
                item.kill()
        self.kill()

    @property
    def said(self) -> str:
        """All that it printed."""
        return self._said.read_text("utf-8", "replace")

    def document(self) -> dict[str, Any] | None:
        """The newest results.json, or None."""
        try:
            return dict(json.loads((self.results / "latest/results.json").read_text("utf-8")))
        except FileNotFoundError:
            return None
