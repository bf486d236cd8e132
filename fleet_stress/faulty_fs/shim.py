"""The Python-level stand-in (``stand_in/``) for one folder, as the arena that asked for it sees it.

It runs in the bot's processes, as the bot's user: what it counts and writes down lies where that user may write, so
whatever is read from there is bounded, no link is followed, and nothing of it is believed to be well-formed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shipped import record
from fleet_stress.faulty_fs.shipped.python_shim import shared
from fleet_stress.faulty_fs.shipped.rules import OPERATIONS
from fleet_stress.observe import bot_files
from fleet_stress.system import python_path

#: Effects of rules that it has.
EFFECTS = ("delay", "delay_between", "bytes_per_second", "errno", "short_write", "freeze", "kill")
#: What happens on the disk that no stand-in in Python sees. In every evidence, so that nobody takes it for more.
CANNOT_SEE = (
    "writes of C extensions and of libraries in C, SQLite's among them",
    "child programs that are not Python, or Python without the bot's PYTHONPATH, or with -I, -E or -S",
    "processes that ran before it stood",
    "what is written by way of mmap, and io.FileIO called by its name",
    "what the kernel itself delays, splits or keeps back: page write-back, other processes' view of it",
    "names that io.open and os functions were bound to before Python began sitecustomize",
)
_SHIPPED = Path(__file__).with_name("shipped")
#: A log may be longer than its limit by what several processes write at once; in bytes.
_MARGIN = 1_000_000
_NOTICED = 20
#: No number in a log is as large: what is was not written by us. NaN is not below it either.
_LARGEST = 1e15
#: What a line has, by what it is; those that it must have first.
_NEEDED, _NUMBERS = ("at", "pid", "took"), ("size", "done")
_TEXTS = ("op", "path", "to", "process", "error", "killed")


class StandIn:
    """Stands from the moment that it is made, for Python processes that are started from then on."""

    by = "python"

    def __init__(self, order: Order, environment: dict[str, str]) -> None:
        """Put it on the bot's PYTHONPATH. Raises OSError, also where one stands in for the same folder already."""
        self.order = order
        #: It forgets nothing.
        self.lost: dict[str, Any] | None = None
        self.log = order.evidence / f"{order.name}.jsonl"
        self._environment = environment
        self._folder = order.scratch / "stand_in"
        self._standing = self._folder / "orders" / f"{order.name}.json"
        if order.folder.resolve() in _served(self._folder):
            raise OSError(f"a stand-in for a faulty file system stands for {order.folder} already")
        ship(self._folder)
        met = self._folder / "met"
        self._figures, self._log = met / f"{order.name}.figures", met / f"{order.name}.jsonl"
        counts = met / f"{order.name}.counts"
        record.make(self._figures, len(order.rules))
        counts.write_bytes(bytes(shared.size(len(order.rules))))
        self._began = time.monotonic()
        self._log.write_bytes(b"")
        for name in ("noticed", "failed"):
            (met / name).touch()
        for one in met.iterdir():
            _give(one, order.uid)
        document = {
            "folder": str(order.folder.resolve()),
            "rules": list(order.rules),
            "figures": str(self._figures),
            "counts": str(counts),
            "log": str(self._log),
            "began": self._began,
        }
        self._standing.write_text(json.dumps(document), encoding="utf-8")
        self._standing.chmod(0o644)
        python_path.put_first(environment, self._folder / "path")
        self._expected = True

    def died(self) -> str | None:
        """That it could not begin in a process of the bot, as a sentence; None: it did wherever it was to."""
        said = bot_files.read_regular(self._folder / "met" / "failed", _MARGIN) or b""
        lines = said.decode("utf-8", "replace").strip().splitlines()
        return f"the stand-in could not begin in a Python of the bot: {lines[-1][:300]}" if lines else None

    def release(self) -> None:
        """Nobody waits for it whom SIGKILL does not end."""

    def figures(self) -> record.Figures:
        """How often it was met, so far. Raises OSError where its file is not what it was."""
        rules = len(self.order.rules)
        data = bot_files.read_regular(self._figures, record.size(rules))
        if data is None or len(data) < record.size(rules):
            raise OSError(f"the figures of the stand-in were taken away or changed: {self._figures}")
        return record.parse(data, rules)

    def stands(self) -> bool:
        """Whether its order does, and Python would still find it."""
        return self._standing.exists() and python_path.has(self._environment, self._folder / "path")

    def switch_off(self) -> None:
        """From now on all passes, also in processes that run; whoever waits goes on."""
        self._standing.unlink(missing_ok=True)

    def take_away(self) -> None:
        """Off, and no Python finds it any more; its log becomes evidence. Repeatable. Raises OSError."""
        self.switch_off()
        self.keep_log()
        if not any((self._folder / "orders").iterdir()):
            python_path.take_out(self._environment, self._folder / "path")

    def keep_log(self) -> None:
        """The log as it is now, as evidence. Raises OSError."""
        lines = [json.dumps(one) for one in self._logged()]
        self.log.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")

    def about(self) -> dict[str, Any]:
        """What there is to say of it in the evidence: what it cannot see, and what it noticed going past it."""
        noticed: dict[tuple[str, str], None] = {}
        for one in _lines(self._folder / "met" / "noticed"):
            what, which = one.get("what"), one.get("which")
            if isinstance(what, str) and isinstance(which, str):
                noticed[what[:100], which[:300]] = None
        return {
            "cannot_see": list(CANNOT_SEE),
            "noticed": [{"what": what, "which": which} for what, which in list(noticed)[:_NOTICED]],
        }

    def _logged(self) -> Iterator[dict[str, Any]]:
        yield {"began": round(self._began, 6)}
        for one in _lines(self._log):
            if "more" in one:
                yield {"more": "the log is full; the figures go on"}
                return
            kept: dict[str, Any] = {name: one[name] for name in _TEXTS if isinstance(one.get(name), str)}
            kept.update({name: one[name] for name in (*_NEEDED, *_NUMBERS) if _is_number(one.get(name))})
            rules = one.get("rules")
            if isinstance(rules, list) and all(_is_number(number) for number in rules):
                kept["rules"] = rules[: len(self.order.rules)]
            if one.get("truncates") is True:
                kept["truncates"] = True
            if kept.get("op") in OPERATIONS and "path" in kept and all(name in kept for name in _NEEDED):
                yield kept


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST


def ship(folder: Path) -> None:
    """Put there what a bot's Python loads: readable for it, and nothing else of the engine. Raises OSError."""
    code = folder / "code" / "fleet_stress"
    shipped = code / "faulty_fs" / "shipped"
    for one in (shipped / "python_shim", folder / "path", folder / "orders", folder / "met"):
        one.mkdir(parents=True, exist_ok=True)
    for one in (code, shipped.parent):
        (one / "__init__.py").write_text("", encoding="utf-8")
    for one in _SHIPPED.rglob("*.py"):
        begins = one.name == "sitecustomize.py"
        shutil.copyfile(one, folder / "path" / one.name if begins else shipped / one.relative_to(_SHIPPED))
    for one in (folder, *folder.rglob("*")):
        if one.parent.name != "met":
            one.chmod(0o755 if one.is_dir() else 0o644)


def _served(folder: Path) -> set[Path]:
    found = set()
    for one in (folder / "orders").glob("*.json"):
        with contextlib.suppress(OSError, ValueError):
            found.add(Path(json.loads(one.read_text(encoding="utf-8"))["folder"]))
    return found


def _give(path: Path, uid: int) -> None:
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, uid, -1)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    data = bot_files.read_regular(path, record.LOG_LIMIT + _MARGIN) or b""
    for line in data.splitlines():
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(one, dict):
            yield one
