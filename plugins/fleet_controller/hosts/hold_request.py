"""What ``playbooks/hold.yml`` was asked to hold, checked before a host is touched: one fault, on what, for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError, did_you_mean, listed
from fleet_stress.store import sizes

#: Nobody watches a fault longer than that, in seconds.
LONGEST = 24 * 3600.0
#: Names that no name server knows (RFC 6761): in an arena they lead to a bot's companions.
_NOWHERE = (".test", ".invalid")
#: In ``on``: the bots' own user, and all hosts that the bot's profile names.
BOT = "bot"


class Hold(NamedTuple):
    """One fault to be held: the module of that name and its arguments, for so many seconds.

    ``name``: by which the engine knows what is held. ``bots_user``: whoever the bots run as on that host is met.
    """

    module: str
    arguments: dict[str, Any]
    name: str
    seconds: float
    bots_user: bool = False


def hold(asked: Mapping[str, Any], project: Project) -> Hold:
    """What is to be held.

    Args:
        asked: What was said by ``-e``: ``fault``, ``for``, ``on``, and what belongs to the fault.
        project: Where bot profiles are.

    Raises:
        UserError: Something is missing or makes no sense.
    """
    words = {name: str(value or "").strip() for name, value in asked.items()}
    fault = words.get("fault", "")
    if fault not in _FAULTS:
        known = f"these can be held: {listed(_FAULTS)}. Others are done to a bot as it is started, or to its files"
        raise UserError(
            f"`{fault}` cannot be held" if fault else "no fault was named",
            "fault",
            known,
            did_you_mean(fault, _FAULTS, "write -e fault=network_block"),
        )
    return _FAULTS[fault](words, _duration(words.get("for", "")), project)


def _duration(given: str) -> float:
    try:
        found = seconds(given)
    except ValueError as problem:
        why = f"{problem}" if given else "a fault that is held without an end is an outage"
        what = f"invalid duration `{given}`" if given else "`for` is missing"
        raise UserError(what, "for", why, "write -e for=10m (s, m or h)") from problem
    if not 0 < found <= LONGEST:
        why = f"somebody has to watch it, and {LONGEST / 3600:g} hours are the most"
        raise UserError(f"invalid duration `{given}`", "for", why, "write -e for=10m (s, m or h)")
    return found


def _network_block(words: Mapping[str, str], within: float, project: Project) -> Hold:
    on, how = words.get("on") or BOT, words.get("how") or "drop"
    kind, _, who = on.partition(":")
    if on != BOT and (kind not in ("user", "cgroup") or not who):
        do = "write -e on=bot, -e on=user:NAME or -e on=cgroup:/PATH"
        raise UserError(f"invalid target `{on}`", "on", "a block meets one user, or one control group", do)
    if on in ("user:root", "user:0"):
        why = "it could cut the line that we came in by"
        raise UserError("root is never blocked", "on", why, "name the user that the bot runs as")
    if how not in ("drop", "reject"):
        do = did_you_mean(how, ("drop", "reject"))
        raise UserError(
            f"unknown way `{how}`", "how", "drop tells nobody, reject tells the sender at once", do
        )
    hosts = [word for word in words.get("against", "").replace(",", " ").split() if word]
    if not hosts:
        named = load_bot(project, words.get("bot") or "reference").value["hosts"]
        hosts = [host for host in named if not host.endswith(_NOWHERE)]
        if not hosts:
            only = f"the bot's profile names only {listed(named)}, which exists in an arena and nowhere else"
            why = only if named else "the bot's profile names none"
            do = "name them: -e against=api.example.net,feed.example.net"
            raise UserError("no hosts to be blocked", "against", why, do)
    arguments: dict[str, Any] = {"hosts": hosts, "how": how}
    if on != BOT:
        arguments[kind] = who
    return Hold("network_block", arguments, "network_block", within, bots_user=on == BOT)


def _ram_volume(words: Mapping[str, str], within: float, _project: Project) -> Hold:
    folder, size, owner = (words.get(name, "") for name in ("on", "size", "owner"))
    if not folder.startswith("/"):
        do = "write -e on=/srv/bot/state: an empty folder, or one that does not matter for so long"
        raise UserError(
            f"`{folder}` is no folder on a host", "on", "a volume is mounted on an empty folder", do
        )
    try:
        right = sizes.in_bytes(size) > 0
    except ValueError:
        right = False
    if not right:
        raise UserError(
            f"`{size}` is no size", "size", "without one the volume has no end", "write -e size=20MB"
        )
    arguments = {"path": folder, "size": size, **({"owner": owner} if owner else {})}
    return Hold("ram_volume", arguments, f"ram_volume:{folder}", within)


_FAULTS: dict[str, Callable[[Mapping[str, str], float, Project], Hold]] = {
    "network_block": _network_block,
    "ram_volume": _ram_volume,
}
