"""The dashboard: ``create_app().test_client().get("/api/leaderboard")``, with the standard library alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trader import sane
from trader.ledger import Ledger, is_ledger

from dashboard.analytics import volatility


class Response:
    """An answer: ``status_code``, ``data`` (bytes), ``get_json()``."""

    def __init__(self, status_code: int, document: Any) -> None:
        self.status_code = status_code
        self.data = json.dumps(document).encode()

    def get_json(self) -> Any:
        """The body as Python data."""
        return json.loads(self.data)


class App:
    """Pages, and what becomes of an exception: an answer that says so, never a plausible number."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._pages: dict[str, Callable[[], Any]] = {"/api/leaderboard": self._leaderboard}

    def test_client(self) -> Client:
        """A client that asks without a socket between."""
        return Client(self)

    def answer(self, path: str) -> Response:
        """What a GET of ``path`` gets."""
        if path not in self._pages:
            return Response(404, {"error": f"no such page: {path}"})
        try:
            return Response(200, self._pages[path]())
        except Exception as problem:
            return Response(500, {"error": f"{type(problem).__name__}: {problem}"})

    def _leaderboard(self) -> list[dict[str, Any]]:
        ledger = self._ledger()
        return [
            {
                "strategy": "cheapest",
                "orders": ledger.orders,
                "balance": ledger.balance,
                "volatility": volatility([order["price"] for order in ledger.history]),
            }
        ]

    def _ledger(self) -> Ledger:
        """The bot's ledger; a new one where the bot has not run yet. Raises OSError or ValueError."""
        if not any(self._state_dir.glob("paper_engine_state*.json")):
            return Ledger()
        path = self._state_dir / "paper_engine_state.json"
        document = sane.parse(path.read_bytes())
        if not is_ledger(document):
            raise ValueError(f"{path.name} does not hold a ledger")
        return Ledger(document)


class Client:
    """Asks an app. A context manager, as with other web frameworks."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, path: str) -> Response:
        """A GET request."""
        return self._app.answer(path)


def create_app() -> App:
    """The dashboard of the bot whose state is in STATE_DIR."""
    return App(Path(os.environ.get("STATE_DIR") or "state"))
