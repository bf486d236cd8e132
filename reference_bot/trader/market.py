"""Prices: live ones from the exchange, or mock data when it cannot be reached or talks nonsense."""

from __future__ import annotations

import random
from typing import Any

from trader import fetch, sane
from trader.log import Log

#: What is traded.
SYMBOLS = ("ALPHA", "BETA", "GAMMA")
#: Seconds for one question to the exchange; less where a whole cycle has less than twice that.
PATIENCE = 2.0

Prices = dict[str, float]


class Market:
    """Where prices come from. Says so in the log once when that changes, and tries live ones every time."""

    def __init__(self, url: str, cycle_timeout: float, log: Log) -> None:
        self._url = url
        self._patience = min(PATIENCE, cycle_timeout / 2)
        self._log = log
        self._chance = random.Random(7)
        #: ``live`` or ``mock``; ``unknown`` before the first cycle.
        self.source = "unknown"
        #: How often the exchange was asked in vain.
        self.errors = 0

    def prices(self) -> Prices:
        """A price above zero for each symbol. Never raises."""
        if not self._url:
            return self._mock("EXCHANGE_URL is not set")
        try:
            prices = _believed(sane.parse(fetch.get(f"{self._url}/prices", self._patience)))
        except (OSError, ValueError) as problem:
            self.errors += 1
            return self._mock(f"{type(problem).__name__}: {problem}")
        if self.source != "live":
            self.source = "live"
            self._log.info("the exchange answers: live data from now on")
        return prices

    def _mock(self, reason: str) -> Prices:
        if self.source != "mock":
            self.source = "mock"
            self._log.warning("no live prices, falling back to mock data: %s", reason)
        return {symbol: round(self._chance.uniform(10, 20), 2) for symbol in SYMBOLS}


def _believed(document: Any) -> Prices:
    """The prices in an answer. Raises ValueError when there is one that no trade may be based on."""
    if not isinstance(document, dict):
        raise ValueError("the answer is no table of prices")
    for symbol in SYMBOLS:
        price = document.get(symbol)
        if not sane.is_amount(price) or price == 0:
            raise ValueError(f"the price of {symbol} is {str(price)[:40]!r}")
    return {symbol: document[symbol] for symbol in SYMBOLS}
