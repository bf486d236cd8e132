"""What the environment says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

#: Longer than anyone waits, and short enough for the system's clocks.
LONGEST = 1_000_000.0


class Settings(NamedTuple):
    """All settings of a run."""

    state_dir: Path
    log_dir: Path
    #: Seconds between the end of a cycle and the next one.
    scan_interval: float
    #: How many cycles to run; 0: no limit.
    max_cycles: int
    #: Seconds. A cycle that takes longer is logged; nothing in a cycle waits as long as that.
    cycle_timeout: float
    #: Where prices come from, e.g. ``http://127.0.0.1:8080``; empty: mock data only.
    exchange_url: str
    #: Run also where another bot runs on the same state folder.
    allow_second_instance: bool
    #: What the ledger is kept in: ``json`` or ``sqlite``.
    ledger: str

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the variables named below. Raises ValueError that says which one is wrong, and how."""
        return cls(
            state_dir=Path(os.environ.get("STATE_DIR") or "state"),
            log_dir=Path(os.environ.get("LOG_DIR") or "logs"),
            scan_interval=_seconds("SCAN_INTERVAL_SECONDS", default=60.0),
            max_cycles=_count("MAX_CYCLES"),
            cycle_timeout=_seconds("CYCLE_TIMEOUT_SECONDS", default=300.0, least=0.1),
            exchange_url=os.environ.get("EXCHANGE_URL") or "",
            allow_second_instance=_switch("ALLOW_SECOND_INSTANCE"),
            ledger=_one_of("LEDGER", "json", "sqlite"),
        )


def _seconds(name: str, default: float, least: float = 0.0) -> float:
    text = os.environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if least <= seconds <= LONGEST:  # "nan" is in no range
        return seconds
    raise ValueError(f"{name} is {text!r}: give seconds from {least:g} to {LONGEST:.0f}, such as 5 or 0.5")


def _count(name: str) -> int:
    text = os.environ.get(name) or "0"
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise ValueError(f"{name} is {text!r}: give a whole number; empty or 0 means no limit")


def _switch(name: str) -> bool:
    text = os.environ.get(name) or "0"
    if text in ("0", "1"):
        return text == "1"
    raise ValueError(f"{name} is {text!r}: give 1, or 0 or nothing")


def _one_of(name: str, *words: str) -> str:
    """The first is what holds where nothing is said."""
    word = os.environ.get(name) or words[0]
    if word in words:
        return word
    raise ValueError(f"{name} is {word!r}: give one of {', '.join(words)}")
