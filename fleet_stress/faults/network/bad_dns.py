"""``bad_dns``: the bot's hosts have their names, and DNS does not say where they are (6.6).

Only in a network of the arena's own, where the names of the profile's ``hosts`` are told by a name server of ours
(``name_server.py``) in the place of a hosts file. It answers well until the fault stands, and again when it is lifted;
what it was asked meanwhile was asked by the bot. Nothing needs undoing: it goes with the arena's process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.network import reachability
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo
from fleet_stress.system.network.name_server import HOWS, NameServer

_NAME = "bad_dns"
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["how"],
    "description": "The names of the bot's hosts are not resolved, or not as they should be.",
    "properties": {
        "how": {
            "enum": list(HOWS),
            "description": "servfail, nxdomain, refused: an answer that says so. slow: the right answer, late. silent:"
            " no answer at all. astray: addresses that nobody has.",
        },
        "after": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 600,
            "unit": "s",
            "description": "How late a slow answer comes; 3s by default.",
        },
    },
}
_RESOLVER = Path("/etc/resolv.conf")
#: For names to be resolved again, in seconds: a deadline.
_BACK_WITHIN = 30.0


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    del arguments
    if where.network != "private":
        return Unsupported("the host's own name server is not ours to break", "say `network: private`")
    if not where.bot.get("hosts"):
        return Unsupported("the bot profile names no hosts to resolve", "name them in its `hosts`")
    if not _RESOLVER.exists():
        return Unsupported(
            f"there is no {_RESOLVER} to tell the bot of a name server", "make one, be it empty"
        )
    return None


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    server, names = _server(site), list(_hosts(site))
    before = reachability.resolved(names)
    _, asked = server.answer(arguments["how"], float(arguments.get("after", 3.0)))
    return {"before": before, "asked": asked}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    del site
    asked, before = memory["asked"], memory["before"]
    why = (
        None
        if all(before.values()) and asked.known
        else "the bot's hosts could not be resolved before"
        if not all(before.values())
        else "the bot asked for none of its hosts"
    )
    details = {"how": arguments["how"], "resolved_before": before, **asked.told()}
    return Proof(why is None, {**({"why": why} if why else {}), **details})


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments, memory
    _server(site).answer(None)
    names, deadline = list(_hosts(site)), time.monotonic() + _BACK_WITHIN
    while not all((found := reachability.resolved(names)).values()) and time.monotonic() < deadline:
        time.sleep(0.1)
    works = all(found.values())
    return {
        "resolved": found,
        "bit": works,
        **({} if works else {"why": "they were not resolved afterwards"}),
    }


def _hosts(site: Site) -> Mapping[str, Any]:
    return site.network.hosts if site.network else {}


def _server(site: Site) -> NameServer:
    if site.network is None or site.network.names is None:
        raise ValueError(f"{_NAME} needs a network of the arena's own: say `network: private`")
    return site.network.names


FAULT = Fault(
    name=_NAME,
    title="names are not resolved",
    stands=True,
    schema=_SCHEMA,
    supported=_supported,
    undo=nothing_to_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    met=lambda memory: int(memory["asked"].known),
    slows=True,
    wants=frozenset({"names"}),
)
