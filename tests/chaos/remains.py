"""What is on a host after a run that was not there before it: seen from outside, and counted."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from lab.hosts import LabFailed, until
from lab.lab import Lab

STRESS_DIR = "/var/lib/fleet-stress"
#: What Ansible and the system themselves write on a host; none of it is ours.
_NOT_OURS = ("/home/", "/root/.ansible", "/var/log/", "/var/lib/systemd", "/var/cache/", "/tmp/ansible")
#: All that the folder of a run that has ended may hold.
_RECORD = {
    "plan.json",
    "journal.jsonl",
    "result.json",
    "supervisor.log",
    "watchdog.log",
    "watchdog.lock",
    "lease.json",
    "neighbours.json",
    "verdicts",
    "arenas",
    "collected",
    "evidence",
    "archive.tar.gz",
}


class Before:
    """A host as it is provisioned and idle; ``left`` says what is more than that."""

    def __init__(self, lab: Lab, host: str) -> None:
        self._lab, self._host = lab, host
        self._seen = self._look()

    def left(self) -> list[str]:
        """Sentences, one for each thing that is left; processes that just end are waited for."""
        lab, host = self._lab, self._host
        with contextlib.suppress(LabFailed):  # what does not end is told of below
            until(lambda: not self._ours_run(), "our processes end", 60.0)
        now = self._look()
        return [
            f"{kind}: {thing}"
            for kind, things in now.items()
            for thing in sorted(set(things) - set(self._seen[kind]))
        ] + [f"not in the record of a run: {path}" for path in _beside_the_record(lab.root_of(host))]

    def _ours_run(self) -> list[str]:
        return [" ".join(process.argv) for process in self._lab.processes(self._host)]

    def _look(self) -> dict[str, list[str]]:
        lab, host = self._lab, self._host
        files = [
            path
            for path in lab.changed_files(host)
            if not path.startswith((STRESS_DIR, *_NOT_OURS)) and not path.startswith("/etc/faketime")
        ]
        return {
            "process": self._ours_run(),
            # The root's own line is another one after a boot.
            "mount": [mount for mount in lab.mounts(host) if mount.split()[1] != "/"],
            "rule": lab.rules(host),
            "namespace": lab.namespaces(host),
            "cgroup": lab.cgroups(host),
            "file": files,
        }


def _beside_the_record(root: Path) -> list[str]:
    """What lies in the folders of runs and is no part of a record, and what is held by hand."""
    runs = root / STRESS_DIR.lstrip("/") / "runs"
    found = []
    for run in sorted(runs.iterdir()) if runs.is_dir() else []:
        found += [str(path) for path in run.iterdir() if path.name not in _RECORD]
        arenas = run / "arenas"
        for arena in arenas.iterdir() if arenas.is_dir() else []:
            found += [str(path) for path in arena.iterdir() if path.name not in ("state", "log")]
    return [path.removeprefix(str(root)) for path in found]


class Journals:
    """The journals of a host's runs, read without the engine's help."""

    def __init__(self, lab: Lab, host: str) -> None:
        runs = lab.root_of(host) / STRESS_DIR.lstrip("/") / "runs"
        self._paths = sorted(runs.glob("*/journal.jsonl"))

    def runs(self) -> list[str]:
        """Their ids, oldest first."""
        return [path.parent.name for path in self._paths]

    def lines(self) -> int:
        """Whole lines of the newest."""
        return len(self._entries(self._paths[-1])) if self._paths else 0

    def doubles(self) -> list[str]:
        """Scenarios that were judged more than once in one run."""
        found = []
        for path in self._paths:
            judged = [entry["scenario"] for entry in self._entries(path) if entry["what"] == "scenario_ended"]
            found += [f"{path.parent.name}: {item}" for item in sorted(set(judged)) if judged.count(item) > 1]
        return found

    def open(self) -> list[str]:
        """Undo records that nobody has carried out."""
        found = []
        for path in self._paths:
            seen = self._entries(path)
            undone = {problem["id"] for problem in seen if problem["what"] == "undone"}
            found += [
                f"{problem['kind']} {problem['arguments']}"
                for problem in seen
                if problem["what"] == "undo" and problem["id"] not in undone
            ]
        return found

    def damaged(self) -> int:
        """Lines that are no whole entry, which a full disk leaves; all others are read."""
        return sum(self._whole(line) is None for path in self._paths for line in self._raw(path))

    def _entries(self, path: Path) -> list[dict[str, Any]]:
        return [entry for entry in map(self._whole, self._raw(path)) if entry]

    @staticmethod
    def _raw(path: Path) -> list[bytes]:
        return [line for line in path.read_bytes().split(b"\n") if line.strip()]

    @staticmethod
    def _whole(line: bytes) -> dict[str, Any] | None:
        try:
            return dict(json.loads(line))
        except ValueError:
            return None
