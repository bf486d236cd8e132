"""``dead_proxy``: the bot is told to use a proxy that is of no use (4.2); it needs no root.

The stress plan's proxy accepts and closes. Others occur as well: one that never answers, answers 502, does not
answer in HTTP, or answers one byte a second. Nobody but the bot is told where it listens, so every connection that is
counted is the bot's. A bot may use a proxy for some requests and ask its exchange past it, as most libraries for
websockets do: then nothing was taken away from it. The arena's relay counts those. A thread of the arena's process
serves it: nothing needs undoing.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network.listener import Listener

#: Programs read one spelling or the other; curl, for one, does not read HTTP_PROXY.
_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY")
_EXEMPT = ("no_proxy", "NO_PROXY")


class DeadProxy(Fault):
    name = "dead_proxy"
    title = "the proxy is broken"
    slows = True
    needs = frozenset({"relay"})
    counts_hits = True
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["how"],
        "description": "From the next start on, the bot's proxy is broken.",
        "properties": {
            "how": {
                "enum": ["close", "silent", "bad_gateway", "garbage", "drip"],
                "description": "close: accepts and closes. silent: never answers. bad_gateway: answers 502."
                " garbage: does not answer in HTTP. drip: answers one byte a second.",
            }
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if where.bot.get("proxy", True):
            return None
        return Unsupported(
            "the bot uses no proxy, as its profile says", "if it does use one, take `proxy: false` out of it"
        )

    def apply(self) -> None:
        listener = Listener([socket.create_server(("127.0.0.1", 0), backlog=64)], self.arguments["how"])
        url = f"http://127.0.0.1:{listener.ports[0]}"
        before = {name: self.site.next_start.environment.get(name) for name in (*_PROXIES, *_EXEMPT)}
        self.site.next_start.environment.update(
            {**dict.fromkeys(_PROXIES, url), **dict.fromkeys(_EXEMPT, "")}
        )
        relay = self.site.isolation.relay
        self._past_it = relay.pass_on()[1] if relay is not None else None
        self._listener = listener
        self._url = url
        self._before = before

    def prove(self) -> Proof:
        connections = self._listener.connections
        past_it = self._past_it.summary()["requests"] if self._past_it is not None else None
        why = (
            "the bot never used it"
            if not connections
            else f"the bot asked its exchange past it ({past_it} times)"
            if past_it
            else None
        )
        details = {
            "proxy": self._url,
            "how": self.arguments["how"],
            "connections": connections,
            "past_it": past_it,
        }
        return Proof(why is None, {**({"why": why} if why else {}), **details})

    def hits(self) -> int:
        return int(self._listener.connections)

    def revert(self) -> Mapping[str, Any]:
        self._listener.close()
        for name, value in self._before.items():
            self.site.next_start.environment.pop(name, None)
            if value is not None:
                self.site.next_start.environment[name] = value
        return {}
