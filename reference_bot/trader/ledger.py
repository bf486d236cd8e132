"""The paper account: money, shares, and the orders that made them what they are."""

from __future__ import annotations

from typing import Any

from trader import sane
from trader.market import Prices

#: So many orders are remembered one by one; their number goes on for ever.
HISTORY_LIMIT = 500
STARTING_BALANCE = 10_000.0


def is_ledger(document: Any) -> bool:
    """Is it what ``Ledger.document`` makes?"""
    return (
        isinstance(document, dict)
        and sane.is_count(document.get("orders"))
        and sane.is_amount(document.get("balance"))
        and isinstance(document.get("positions"), dict)
        and all(sane.is_count(shares) for shares in document["positions"].values())
        and isinstance(document.get("history"), list)
        and all(
            isinstance(order, dict) and sane.is_amount(order.get("price")) for order in document["history"]
        )
    )


class Ledger:
    """Buys one share of whatever is cheapest; when money runs out, sells what it has most of."""

    def __init__(self, document: Any = None) -> None:
        """Go on from a document that is a ledger, or begin with the starting balance."""
        document = document or {}
        self.orders: int = document.get("orders", 0)
        self.balance: float = document.get("balance", STARTING_BALANCE)
        self.positions: dict[str, int] = document.get("positions", {})
        self.history: list[dict[str, Any]] = document.get("history", [])

    def trade(self, prices: Prices, at: str) -> None:
        """One order at these prices."""
        cheapest = min(prices, key=lambda symbol: prices[symbol])
        if self.balance >= prices[cheapest]:
            self._order(at, "buy", cheapest, 1, prices[cheapest])
            return
        priced = [symbol for symbol, shares in self.positions.items() if shares and symbol in prices]
        if priced:
            most = max(priced, key=lambda symbol: self.positions[symbol])
            self._order(at, "sell", most, self.positions[most], prices[most])

    def _order(self, at: str, side: str, symbol: str, shares: int, price: float) -> None:
        sign = 1 if side == "buy" else -1
        self.balance = round(self.balance - sign * shares * price, 2)
        self.positions[symbol] = self.positions.get(symbol, 0) + sign * shares
        self.orders += 1
        order = {"at": at, "side": side, "symbol": symbol, "shares": shares, "price": price}
        self.history = [*self.history, order][-HISTORY_LIMIT:]

    def document(self) -> dict[str, Any]:
        """What goes to disk."""
        return {
            "orders": self.orders,
            "balance": self.balance,
            "positions": self.positions,
            "history": self.history,
        }
