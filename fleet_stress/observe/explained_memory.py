"""Which lines of a Python bot hold more and more memory, where the operator asks (``-e explain_memory=true``).

``in_bot/memory_lines.py`` runs in the bot's own processes, as the bot's user, and leaves its looks in a folder where
that user may write: what is read from there is bounded and not believed (principle 9).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files
from fleet_stress.system import python_path

_SOURCE = Path(__file__).parent / "in_bot" / "memory_lines.py"
#: Of one process, bytes; processes; lines that are kept of one.
_LARGEST, _PROCESSES, _LINES = 8_000_000, 50, 10
#: The part of a process's time after which its warm-up is over: what grew until then is not told.
_WARM = 1 / 3
#: Characters of a file's name; a larger number is not ours.
_NAME, _NUMBER = 300, 1e15
Look = Mapping[tuple[str, int], tuple[int, int]]


class ExplainedMemory:
    """Active for each Python of the bot that is started from now on."""

    def __init__(self, scratch: Path, environment: dict[str, str], uid: int) -> None:
        """Put it on the bot's PYTHONPATH. Raises OSError."""
        folder = scratch / "memory_lines"
        self._records = folder / "records"
        path = folder / "path"
        for each in (self._records, path):
            each.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_SOURCE, path / "sitecustomize.py")
        for each in (folder, path):
            each.chmod(0o755)
        (path / "sitecustomize.py").chmod(0o644)
        self._records.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(self._records, uid, -1)
        python_path.put_first(environment, path)

    def found(self, clock: float, places: Mapping[str, str]) -> list[dict[str, Any]]:
        """For each process that told at least twice after its warm-up: the lines that hold more at the end.

        ``clock``: when the scenario began (time.monotonic); ``places``: folders of the bot, whose names are put in
        place of their paths.
        """
        with os.scandir(self._records) as entries:
            names = sorted(entry.name for _, entry in zip(range(_PROCESSES), entries))
        told = [_grown(self._records / name, clock, places) for name in names if name.endswith(".lines")]
        return [process for process in told if process]


def _grown(path: Path, clock: float, places: Mapping[str, str]) -> dict[str, Any]:
    looks = dict(_looks(bot_files.read_regular(path, _LARGEST) or b""))
    times = sorted(looks)
    late = [at for at in times if at >= times[0] + (times[-1] - times[0]) * _WARM]
    if len(late) < 2:
        return {}
    before, after = looks[late[0]], looks[late[-1]]
    lines: list[dict[str, Any]] = []
    for (name, number), (size, count) in after.items():
        had = before.get((name, number))
        # Below the largest ones it may have been there before, unseen.
        least = had if had is not None else (min((each for each, _ in before.values()), default=0), 0)
        if size > least[0]:
            grew = {"bytes": size - least[0], "objects": count - least[1]}
            lines.append({"file": _named(name, places), "line": number, **grew})
    lines.sort(key=lambda line: line["bytes"], reverse=True)
    since, until = (round(at - clock, 3) for at in (late[0], late[-1]))
    return {"pid": path.stem[:20], "since": since, "until": until, "lines": lines[:_LINES]}


def _looks(data: bytes) -> Iterator[tuple[float, Look]]:
    """Each whole look, by its time."""
    found: dict[float, dict[tuple[str, int], tuple[int, int]]] = {}
    for line in data.decode("ascii", "replace").split("\n")[:-1]:
        words = line.split("\t")
        try:
            at, size, count, number = float(words[0]), *map(int, words[1:4])
        except (ValueError, IndexError):
            continue
        if len(words) == 5 and all(abs(value) < _NUMBER for value in (at, size, count, number)):
            found.setdefault(at, {})[words[4][:_NAME], number] = size, count
    yield from found.items()


def _named(name: str, places: Mapping[str, str]) -> str:
    for place in ("bot_dir", "state_dir", "tmp_dir"):
        if name.startswith(f"{places[place]}/"):
            return place.partition("_")[0] + name[len(places[place]) :]
    return name
