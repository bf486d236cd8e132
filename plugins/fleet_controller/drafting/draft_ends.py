"""How a watched bot ended: with which code after which signal, and how long it took."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from signal import Signals
from typing import Any

from fleet_controller.drafting.commented_yaml import Entry
from fleet_controller.drafting.watched import Watched

#: It has so many seconds to stop, unless its profile says otherwise.
_STOPS_WITHIN = 10.0
_SIGNALS = {"TERM": "terminated", "INT": "interrupted"}
_Codes = Mapping[str, list[int]]


def ends(watched: Watched, *, was_up: bool, counts_itself: bool) -> Iterator[Entry]:
    """The keys about its end; ``counts_itself``: its third start ended after the cycles that it was asked for.

    ``was_up``: cycles of it were seen. One that still imports has no handlers yet, and ends as it never does later.
    What a bot did once is no rule for it: a code that usually says "failed" counts only where its author says so.
    """
    codes: dict[str, list[int]] = {}
    doubtful: dict[str, list[int]] = {}
    slowest = 0.0
    for start in watched.starts[:2]:
        ended, sent = start["exit"] or {}, [signal["signal"] for signal in start["signals"]]
        if not sent or sent[0] not in _SIGNALS:
            continue
        if ended.get("by") == "engine":
            yield Entry("", None, [f"SEEN: it did not stop {_STOPS_WITHIN:g} s after SIG{sent[0]}."])
            continue
        code = _code(ended)
        if code is None:
            continue  # nobody could see it
        slowest = max(slowest, float(ended.get("after_signal") or 0.0))
        if code != 0:
            usual = code == 128 + Signals[f"SIG{sent[0]}"]
            (codes if usual else doubtful)[_SIGNALS[sent[0]]] = [code]
    finished = watched.finished
    if finished and counts_itself and finished["exit"]["code"] != 0:
        doubtful["finished"] = [finished["exit"]["code"]]
    if not was_up:
        if codes or doubtful:
            yield _too_early({**codes, **doubtful})
        return
    if codes:
        yield Entry("exit_codes", codes, ["As seen: it ends by the signal itself."])
    if doubtful:
        yield _doubt(doubtful, any_written=bool(codes))
    if slowest > _STOPS_WITHIN / 3:
        yield Entry("stop_within", f"{math.ceil(3 * slowest)}s", [f"It took {slowest:.1f} s."])


def _code(ended: Mapping[str, Any]) -> int | None:
    """The exit code; of a death by a signal, as a shell has it."""
    if ended.get("code") is None and ended.get("signal") is not None:
        return 128 + Signals[f"SIG{ended['signal']}"]
    code: int | None = ended.get("code")
    return code


def _too_early(codes: _Codes) -> Entry:
    sentence = (
        f"FILL IN: the codes with which it ends, if they are not 0. It ended with {_seen(codes)}; but no cycle"
        " of it was seen by then, so it may not have been up yet."
    )
    return Entry("", None, [sentence, "exit_codes: {terminated: [0], interrupted: [0]}"])


def _seen(codes: _Codes) -> str:
    return ", ".join(f"{code} when it was {how}" for how, [code] in codes.items())


def _doubt(doubtful: _Codes, *, any_written: bool) -> Entry:
    sentence = (
        f"CHECK: it ended with {_seen(doubtful)}. That usually says that something went wrong, and rows"
        " such as 3.1 will fail. Mend the bot; or, if it is meant, write it into `exit_codes`:"
    )
    written = ", ".join(f"{how}: {code}" for how, code in doubtful.items())
    return Entry("", None, [sentence, written if any_written else f"exit_codes: {{{written}}}"])
