"""``dead_proxy``: the bot is told to use a proxy that is of no use (4.2); it needs no root.

The plan's proxy accepts and closes. Others that are met in the wild: accepts and never answers, answers 502,
answers what is no HTTP, answers one byte a second. Nobody but the bot is told where it listens, so every
connection that is counted is the bot's. A thread of the arena's process serves it: nothing needs undoing.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault, Proof, Site, nothing_to_undo, supported_everywhere
from fleet_stress.system.network.listener import Listener

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["how"],
    "description": "From the next start on, the bot's proxy is one that is of no use.",
    "properties": {
        "how": {
            "enum": ["close", "silent", "bad_gateway", "garbage", "drip"],
            "description": "close: accepts and closes. silent: never answers. bad_gateway: answers 502."
            " garbage: answers what is no HTTP. drip: answers one byte a second.",
        }
    },
}
#: Programs read one spelling or the other; curl, for one, does not read HTTP_PROXY.
_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY")
_EXEMPT = ("no_proxy", "NO_PROXY")


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    listener = Listener([socket.create_server(("127.0.0.1", 0), backlog=64)], arguments["how"])
    url = f"http://127.0.0.1:{listener.ports[0]}"
    before = {name: site.environment.get(name) for name in (*_PROXIES, *_EXEMPT)}
    site.environment.update({**dict.fromkeys(_PROXIES, url), **dict.fromkeys(_EXEMPT, "")})
    return {"listener": listener, "url": url, "before": before}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    del site
    connections = memory["listener"].connections
    details = {"proxy": memory["url"], "how": arguments["how"], "connections": connections}
    return Proof(connections > 0, {**({} if connections else {"why": "the bot never used it"}), **details})


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments
    memory["listener"].close()
    for name, value in memory["before"].items():
        site.environment.pop(name, None)
        if value is not None:
            site.environment[name] = value
    return {}


FAULT = Fault(
    name="dead_proxy",
    title="the proxy is of no use",
    stands=True,
    schema=_SCHEMA,
    supported=supported_everywhere,
    undo=nothing_to_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    slows=True,
)
