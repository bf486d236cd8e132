"""A host that cannot be reached is told apart from one that has a problem.

Ansible runs neither ``rescue`` nor ``always`` for a host that it calls unreachable, and drops it from the play.
So our plays ignore that (``ignore_unreachable``), our own action plugins fail with ``lost`` in place of it, and
what other tasks registered is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Key of a failed result of our action plugins: the host could not be reached.
LOST = "lost"
#: Its value where nobody has put that into words yet: Ansible's own modules did not get an answer in time.
SILENT = "silent"
#: What ssh says of a host whose key is another one, or of which it has none.
_KEY_CHANGED, _KEY_UNKNOWN = "IDENTIFICATION HAS CHANGED", "Host key verification failed"


def could_not_be_reached(host: str, why: str, *, any_more: bool = False) -> str:
    """The sentence for a person."""
    when = " any more" if any_more else ""
    reason = " ".join(why.split()).rstrip(".")
    if _KEY_CHANGED in reason:
        return (
            f"{host} could not be reached{when}: it shows another host key than the one that is known here, so"
            " nothing was sent to it. Where it was set up anew, forget the old key (ssh-keygen -R ADDRESS) and log in"
            " once by hand; else somebody may stand between. ssh says: Host key verification failed."
        )
    if _KEY_UNKNOWN in reason:
        return (
            f"{host} could not be reached{when}: its host key is not known here, so nothing was sent to it. Log in"
            " once by hand and compare the key, or put it into known_hosts (ssh-keyscan ADDRESS, compared likewise)."
            " ssh says: Host key verification failed."
        )
    return (
        f"{host} could not be reached{when}: {reason}. Check its address, user and key in the inventory"
        f" (ansible {host} -m ansible.builtin.raw -a id), or leave it out with -l '!{host}'."
    )


def lost(result: Any) -> bool:
    """Whether a task's result says that the host could not be reached; those of a loop are looked through."""
    if not isinstance(result, Mapping):
        return False
    if result.get("unreachable") or result.get(LOST):
        return True
    results = result.get("results")
    return isinstance(results, list) and any(lost(item) for item in results)


def why_not_finished(result: Any, host: str, steps: Iterable[Any] = ()) -> str:
    """Why a host was not brought to its end.

    Args:
        result: Of the task that failed, or of one that did not get there.
        host: Its name.
        steps: What earlier tasks registered: one that did not get there is the reason for all that came after.
    """
    unreached = next((item for item in (result, *steps) if lost(item)), None)
    if unreached is not None and unreached.get(LOST) is not True:
        return could_not_be_reached(host, _message(unreached), any_more=True)
    return _message(unreached or result) or str(result)


def _message(result: Any) -> str:
    if not isinstance(result, Mapping):
        return ""
    looped = next((item for item in result.get("results") or () if lost(item)), None)
    return str((looped or result).get("msg") or "")
