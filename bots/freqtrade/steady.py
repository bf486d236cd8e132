"""A strategy of ours for stress: buys at once, then a little more in every cycle, and never sells.

So every cycle has something to write: an order more, whose number may never go back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Steady(IStrategy):
    """One more order for each open trade and cycle."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    startup_candle_count = 2
    minimal_roi = {"0": 1000}  # noqa: RUF012
    stoploss = -0.99
    position_adjustment_enable = True

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """None."""
        del metadata
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Always."""
        del metadata
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Never."""
        del metadata
        dataframe["exit_long"] = 0
        return dataframe

    def adjust_trade_position(
        self, trade: Trade, current_time: datetime, current_rate: float, *_: Any, **__: Any
    ) -> float:
        """A little more."""
        del trade, current_time, current_rate
        return 5.0
