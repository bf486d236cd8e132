"""The Python shim (``shipped/python_shim/``) for one folder, as its arena sees it.

It runs in the bot's processes, as the bot's user: its counters and log are where that user may write. So what is read
from there is bounded, no link is followed, and nothing is taken for well-formed (principle 9).
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

#: The effects of rules that it supports.
EFFECTS = ("delay", "delay_between", "bytes_per_second", "errno", "short_write", "half", "freeze", "kill")
#: What happens on the disk that no shim in Python sees. It is in all evidence, so that nobody expects more.
CANNOT_SEE = (
    "writes of C extensions and of libraries in C, SQLite's among them",
    "child programs that are not Python, or Python without the bot's PYTHONPATH, or with -I, -E or -S",
    "processes that ran before it was active",
    "writes through mmap, and io.FileIO called by its name",
    "what the kernel itself delays, splits or holds back: page write-back, and what other processes see of it",
    "names bound to io.open and os functions before Python started sitecustomize",
)
_SHIPPED = Path(__file__).with_name("shipped")
#: By so many bytes a log may exceed its limit, when several processes write at once.
_MARGIN = 1_000_000
_NOTICED = 20
#: We write no number this large; a larger one (or NaN, which is not smaller) is not ours.
_LARGEST = 1e15
#: The keys of a line by type; the first are required.
_NEEDED, _NUMBERS = ("at", "pid", "took"), ("size", "done")
_TEXTS = ("op", "path", "to", "process", "error", "killed")


class PythonShim:
    """Active once it is made, in Python processes that are started from then on."""

    by = "python"

    def __init__(self, order: Order, environment: dict[str, str]) -> None:
        """Put it on the bot's PYTHONPATH. Raises OSError, also if the folder has one already."""
        self.order = order
        #: It cannot cut the power, so nothing is lost.
        self.lost: dict[str, Any] | None = None
        self.log = order.evidence / f"{order.name}.jsonl"
        self._environment = environment
        self._folder = order.scratch / "python_shim"
        self._order_file = self._folder / "orders" / f"{order.name}.json"
        if order.folder.resolve() in _served(self._folder):
            raise OSError(f"{order.folder} has a Python shim already")
        ship(self._folder)
        records = self._folder / "records"
        self._figures, self._log = records / f"{order.name}.figures", records / f"{order.name}.jsonl"
        counts = records / f"{order.name}.counts"
        record.make(self._figures, len(order.rules))
        counts.write_bytes(bytes(shared.size(len(order.rules))))
        self._began = time.monotonic()
        self._log.write_bytes(b"")
        for name in ("noticed", "failed"):
            (records / name).touch()
        for path in records.iterdir():
            _give(path, order.uid)
        document = {
            "folder": str(order.folder.resolve()),
            "rules": list(order.rules),
            "figures": str(self._figures),
            "counts": str(counts),
            "log": str(self._log),
            "began": self._began,
        }
        self._order_file.write_text(json.dumps(document), encoding="utf-8")
        self._order_file.chmod(0o644)
        python_path.put_first(environment, self._folder / "path")
        self._expected = True

    def died(self) -> str | None:
        """That it could not start in a process of the bot, as a sentence; None: it always did."""
        output = bot_files.read_regular(self._folder / "records" / "failed", _MARGIN) or b""
        lines = output.decode("utf-8", "replace").strip().splitlines()
        return f"the Python shim could not start in a Python of the bot: {lines[-1][:300]}" if lines else None

    def release(self) -> None:
        """Nothing to do: SIGKILL ends a bot that waits in it."""

    def figures(self) -> record.Figures:
        """Its counters so far. Raises OSError if the file was changed."""
        rules = len(self.order.rules)
        data = bot_files.read_regular(self._figures, record.size(rules))
        if data is None or len(data) < record.size(rules):
            raise OSError(f"the counters of the Python shim were removed or changed: {self._figures}")
        return record.parse(data, rules)

    def stands(self) -> bool:
        """Whether it is active: its order exists, and Python would still find it."""
        return self._order_file.exists() and python_path.has(self._environment, self._folder / "path")

    def switch_off(self) -> None:
        """Every operation passes from now on, also in running processes; waiting ones continue."""
        self._order_file.unlink(missing_ok=True)

    def take_away(self) -> None:
        """Switch it off, take it from PYTHONPATH and keep its log as evidence; repeatable. Raises OSError."""
        self.switch_off()
        self.keep_log()
        if not any((self._folder / "orders").iterdir()):
            python_path.take_out(self._environment, self._folder / "path")

    def keep_log(self) -> None:
        """Copy the log to the evidence. Raises OSError."""
        lines = [json.dumps(line) for line in self._logged()]
        self.log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def about(self) -> dict[str, Any]:
        """What the evidence says about it: what it cannot see, and what it noticed bypassing it."""
        noticed: dict[tuple[str, str], None] = {}
        for notice in _lines(self._folder / "records" / "noticed"):
            what, which = notice.get("what"), notice.get("which")
            if isinstance(what, str) and isinstance(which, str):
                noticed[what[:100], which[:300]] = None
        return {
            "cannot_see": list(CANNOT_SEE),
            "noticed": [{"what": what, "which": which} for what, which in list(noticed)[:_NOTICED]],
        }

    def _logged(self) -> Iterator[dict[str, Any]]:
        yield {"began": round(self._began, 6)}
        for line in _lines(self._log):
            if "more" in line:
                yield {"more": "the log is full; the figures go on"}
                return
            kept: dict[str, Any] = {name: line[name] for name in _TEXTS if isinstance(line.get(name), str)}
            kept.update({name: line[name] for name in (*_NEEDED, *_NUMBERS) if _is_number(line.get(name))})
            rules = line.get("rules")
            if isinstance(rules, list) and all(_is_number(number) for number in rules):
                kept["rules"] = rules[: len(self.order.rules)]
            if line.get("truncates") is True:
                kept["truncates"] = True
            if kept.get("op") in OPERATIONS and "path" in kept and all(name in kept for name in _NEEDED):
                yield kept


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST


def ship(folder: Path) -> None:
    """Copy there what a bot's Python loads, readable for it, and nothing else of the engine. Raises OSError."""
    code = folder / "code" / "fleet_stress"
    shipped = code / "faulty_fs" / "shipped"
    for path in (shipped / "python_shim", folder / "path", folder / "orders", folder / "records"):
        path.mkdir(parents=True, exist_ok=True)
    for package in (code, shipped.parent):
        (package / "__init__.py").write_text("", encoding="utf-8")
    for source in _SHIPPED.rglob("*.py"):
        starts = source.name == "sitecustomize.py"
        shutil.copyfile(
            source, folder / "path" / source.name if starts else shipped / source.relative_to(_SHIPPED)
        )
    for path in (folder, *folder.rglob("*")):
        if path.parent.name != "records":
            path.chmod(0o755 if path.is_dir() else 0o644)


def _served(folder: Path) -> set[Path]:
    found = set()
    for order in (folder / "orders").glob("*.json"):
        with contextlib.suppress(OSError, ValueError):
            found.add(Path(json.loads(order.read_text(encoding="utf-8"))["folder"]))
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
