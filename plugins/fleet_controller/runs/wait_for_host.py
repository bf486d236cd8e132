"""How long a host is waited for that somebody else uses (``-e wait=10m``), and what is said meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from fleet_controller.catalogue.durations import seconds
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import duration, in_one_line, plain

#: A run of a day is the longest that anybody waits for, in seconds.
LONGEST = 24 * 3600.0
#: Between two looks at a host, in seconds, at least and at most: each is a module's way there and back, and takes half
#: a second of the controller's processors. Of many hosts each is looked at less often.
_LOOK, _LOOK_EACH, _LOOK_MOST = 5.0, 1.0, 60.0
_REASON = 300

Answer = dict[str, Any]


def wait_seconds(asked: Any) -> float:
    """Seconds of ``-e wait=``; nothing means not at all. Raises UserError."""
    if asked in (None, ""):
        return 0.0
    try:
        found = seconds(asked)
    except (ValueError, TypeError):
        found = -1.0
    if not 0 <= found <= LONGEST:
        what = f"invalid duration `{in_one_line(plain(asked, 100), 100)}`"
        why = f"it is a number with its unit, s, m or h, and at most {LONGEST / 3600:g}h"
        raise UserError(what, "wait", why, "write -e wait=10m")
    return found


def until_free(
    hand_over: Callable[[], Answer],
    within: float,
    say: Callable[[str], None],
    hosts: int = 1,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Hand a plan over, again and again while the host answers that somebody else uses it.

    Args:
        hand_over: Tries once.
        within: Seconds between the first try and the last.
        say: Tells a person; once for each user of the host.
        hosts: So many may be waited for by the same command.
        clock: Seconds.
        sleep: For so many of them.

    Returns:
        The last answer.
    """
    over, said = None, ""
    while True:
        answer = hand_over()
        if not (within and _busy(answer)):
            return answer
        over = clock() + within if over is None else over
        left = over - clock()
        if left <= 0:
            return {**answer, "msg": f"{answer.get('msg')} (waited {duration(within)})"}
        reason = in_one_line(str(answer.get("msg")).partition(". Wait for it")[0], _REASON)
        if reason != said:
            say(f"{reason}; waiting for it, {duration(left)} at most")
            said = reason
        sleep(min(max(_LOOK, _LOOK_EACH * hosts), _LOOK_MOST, left))


def _busy(answer: Mapping[str, Any]) -> bool:
    return bool(answer.get("failed")) and answer.get("busy") is True
