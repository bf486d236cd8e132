"""Writes the samples of one scenario as they are taken, and reads them back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from fleet_stress.store import sample_lines
from fleet_stress.store.sample_lines import SAMPLES

#: A power cut costs the samples of so many seconds at most; each write to the disk itself costs the host some time.
_TO_DISK_EVERY = 30.0


class SampleFile:
    """``samples.jsonl`` of one scenario; it goes on after the lines that are there."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        self._path = folder / SAMPLES
        _end_last_line(self._path)
        self.count = _lines(self._path)
        self._to_disk_at = time.monotonic()

    def append(self, sample: Mapping[str, Any]) -> bool:
        """Write a sample. True: there were too many, and every second one was dropped. Raises OSError."""
        line = json.dumps(sample, separators=(",", ":")).encode() + b"\n"
        with self._path.open("ab", buffering=0) as stream:
            stream.write(line)
            if time.monotonic() - self._to_disk_at > _TO_DISK_EVERY:
                os.fsync(stream.fileno())
                self._to_disk_at = time.monotonic()
        self.count += 1
        if self.count <= sample_lines.SAMPLE_LIMIT:
            return False
        self._thin_out()
        return True

    def _thin_out(self) -> None:
        """Who reads meanwhile finds the old file or the new one, whole."""
        fresh = self._path.with_suffix(".new")
        with self._path.open("rb") as old, fresh.open("wb") as new:
            new.writelines(islice(old, 0, None, 2))
            new.flush()
            os.fsync(new.fileno())
        fresh.replace(self._path)
        self.count = _lines(self._path)


def read(folder: Path) -> list[dict[str, Any]]:
    """The samples beside the evidence in a folder; none where there is no such file. Raises OSError."""
    try:
        with (folder / SAMPLES).open("rb") as stream:
            return sample_lines.read(stream)
    except FileNotFoundError:
        return []


def _end_last_line(path: Path) -> None:
    """Who died in the middle of a line must not spoil the next one."""
    with path.open("ab+") as stream:
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)
