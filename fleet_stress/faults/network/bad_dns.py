"""``bad_dns``: the bot's hosts have their names, and DNS does not say where they are (6.6).

Only in a network of the arena's own, where a name server of ours (``name_server.py``) resolves the profile's ``hosts``
in the place of a hosts file. It answers well before the fault and after it; what it was asked meanwhile was asked by
the bot. Nothing needs undoing: it goes with the arena's process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.network import reachability
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network.name_server import HOWS, NameServer

_RESOLVER = Path("/etc/resolv.conf")
#: For names to be resolved again, in seconds: a deadline.
_BACK_WITHIN = 30.0


class BadDns(Fault):
    name = "bad_dns"
    title = "DNS fails"
    slows = True
    counts_hits = True
    needs = frozenset({"names"})
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["how"],
        "description": "DNS fails, is slow, or answers wrongly for the bot's hosts.",
        "properties": {
            "how": {
                "enum": list(HOWS),
                "description": "servfail, nxdomain, refused: an answer that says so. slow: the right answer, late."
                " silent: no answer at all. astray: addresses that nobody has.",
            },
            "after": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 600,
                "unit": "s",
                "description": "The delay of a slow answer; 3s by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if where.network != "private":
            return Unsupported("the host's own name server is not ours to break", "say `network: private`")
        if not where.bot.get("hosts"):
            return Unsupported("the bot profile names no hosts to resolve", "name them in its `hosts`")
        if not _RESOLVER.exists():
            return Unsupported(
                f"there is no {_RESOLVER} to tell the bot of a name server", "make one, be it empty"
            )
        return None

    def apply(self) -> None:
        server, names = self._server(), list(self._hosts())
        before = reachability.resolved(names)
        _, asked = server.answer(self.arguments["how"], float(self.arguments.get("after", 3.0)))
        self._before = before
        self._asked = asked

    def prove(self) -> Proof:
        asked, before = self._asked, self._before
        why = (
            None
            if all(before.values()) and asked.known
            else "the bot's hosts could not be resolved before"
            if not all(before.values())
            else "the bot asked for none of its hosts"
        )
        details = {"how": self.arguments["how"], "resolved_before": before, **asked.summary()}
        return Proof(why is None, {**({"why": why} if why else {}), **details})

    def revert(self) -> Mapping[str, Any]:
        self._server().answer(None)
        names, deadline = list(self._hosts()), time.monotonic() + _BACK_WITHIN
        while not all((found := reachability.resolved(names)).values()) and time.monotonic() < deadline:
            time.sleep(0.1)
        works = all(found.values())
        return {
            "resolved": found,
            "bit": works,
            **({} if works else {"why": "they were not resolved afterwards"}),
        }

    def hits(self) -> int:
        return int(self._asked.known)

    def _hosts(self) -> Mapping[str, Any]:
        return self.site.isolation.network.hosts if self.site.isolation.network else {}

    def _server(self) -> NameServer:
        if self.site.isolation.network is None or self.site.isolation.network.names is None:
            raise ValueError("bad_dns needs a network of the arena's own: say `network: private`")
        return self.site.isolation.network.names
