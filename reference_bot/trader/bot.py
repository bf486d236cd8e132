"""The bot: cycle after cycle, until the last one or until asked to stop."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from trader import sane
from trader.console import say
from trader.database import Database
from trader.ledger import Ledger, is_ledger
from trader.log import Log
from trader.market import Market
from trader.settings import Settings
from trader.stopping import Stopping
from trader.storage import Document

#: ``activity.json`` holds the newest entries, so many.
ACTIVITY_LIMIT = 200


class Bot:
    """One run, from what is on disk to what is on disk after the last cycle.

    What can go wrong outside (disk, network) is dealt with where it happens. There is no net below for what
    we did not think of: such an error ends the bot with a traceback, rather than let it trade on.
    """

    def __init__(self, settings: Settings) -> None:
        """Take up where the last run ended."""
        self._settings = settings
        self._log = Log(settings.log_dir)
        self._market = Market(settings.exchange_url, settings.cycle_timeout, self._log)
        self._cycles = 0
        self._failed_saves = 0

        state, warn = settings.state_dir, self._log.warning
        backup = state / "paper_engine_state.backup.json"
        self._ledger_file = Document(state / "paper_engine_state.json", is_ledger, warn, backup)
        if settings.ledger == "sqlite":
            self._ledger_file = Database(state / "ledger.sqlite", is_ledger, warn)
        self._status_file = Document(state / "bot_state.json", _is_status, warn)
        self._activity_file = Document(settings.log_dir / "activity.json", _is_activity, warn)
        self._health_file = Document(state / "engine_health.json", lambda _: True, warn)

        self._ledger = Ledger(self._ledger_file.load())
        self._cycles_total: int = (self._status_file.load() or {"cycles_total": 0})["cycles_total"]
        self._activity: list[Any] = self._activity_file.load() or []
        self._log.info("started after %d cycles with %d orders", self._cycles_total, self._ledger.orders)

    def run(self, stopping: Stopping) -> None:
        """Cycle until done. When this returns, everything is on disk."""
        self._note("started")
        while not stopping.asked:
            began = time.monotonic()
            self._cycle()
            took = time.monotonic() - began
            if took > self._settings.cycle_timeout:
                self._log.warning("cycle %d took %.1f s", self._cycles, took)
            if self._cycles == self._settings.max_cycles:
                break
            stopping.sleep(self._settings.scan_interval)
        self._note("stopped")
        self._save_all("stopped")
        self._log.close()

    def _cycle(self) -> None:
        prices = self._market.prices()
        self._ledger.trade(prices, _now())
        self._cycles += 1
        self._cycles_total += 1
        say(f"cycle {self._cycles}: {self._ledger.orders} orders")
        self._note("cycle", orders=self._ledger.orders, data_source=self._market.source)
        self._save_all("running")

    def _note(self, what: str, **details: Any) -> None:
        self._activity = [*self._activity, {"at": _now(), "what": what, **details}][-ACTIVITY_LIMIT:]

    def _save_all(self, status: str) -> None:
        """Health comes last: when its cycle count goes up, all the rest of that cycle is on disk.

        Or could not be written, and then its ``write_error_count`` went up as well.
        """
        self._save(self._ledger_file, self._ledger.document())
        self._save(self._status_file, self._status(status))
        self._save(self._activity_file, self._activity)
        self._save(self._health_file, self._health(status))

    def _save(self, file: Document, document: Any) -> None:
        try:
            file.save(document)
        except OSError as problem:
            self._failed_saves += 1
            self._log.error("%s could not be saved, the bot goes on: %s", file.path.name, problem)

    def _status(self, status: str) -> dict[str, Any]:
        return {
            "status": status,
            "cycles_total": self._cycles_total,
            "balance": self._ledger.balance,
            "positions": self._ledger.positions,
            "last_update": _now(),
        }

    def _health(self, status: str) -> dict[str, Any]:
        return {
            "status": status,
            "cycles_completed": self._cycles,
            "last_cycle_timestamp": _now(),
            "data_source": self._market.source,
            "error_count": self._market.errors,
            "write_error_count": self._failed_saves + self._log.failures,
        }


def _is_status(document: Any) -> bool:
    return isinstance(document, dict) and sane.is_count(document.get("cycles_total"))


def _is_activity(document: Any) -> bool:
    return isinstance(document, list)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()
