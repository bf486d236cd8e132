"""``bad_certificate``: the bot's exchange shows a certificate that does not verify (6.7).

The bot is pointed at its exchange by https, through the relay (``relay.py``), which first shows a certificate that the
bot is told to trust. While the fault stands it shows another one and still passes all on: what somebody in the middle
would do. A bot that goes on trading over it verifies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.network.bad_exchange import proved, relay_of
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo
from fleet_stress.system.network import certificates

_NAME = "bad_certificate"
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["how"],
    "description": "The exchange that the bot asks by https shows a certificate that does not verify.",
    "properties": {
        "how": {
            "enum": list(certificates.BAD),
            "description": "self_signed: nobody vouches for it. expired: since yesterday. wrong_host: it is another's.",
        }
    },
}


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    del arguments
    if not (where.bot.get("exchange") or {}).get("https"):
        reason = "the bot profile does not say how the bot is led to an exchange by https"
        return Unsupported(reason, "name the variables in `https` of its `exchange`")
    said = certificates.unable()
    return (
        None if said is None else Unsupported(f"no certificates can be made here: {said}", "install openssl")
    )


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    before, tally = relay_of(site, _NAME).pass_on(arguments["how"])
    return {"before": before.told(), "tally": tally}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    del site
    tally = memory["tally"]
    return proved({"how": arguments["how"], "before": memory["before"], **tally.told()}, tally)


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments, memory
    relay_of(site, _NAME).pass_on()
    return {}


FAULT = Fault(
    name=_NAME,
    title="the exchange's certificate does not verify",
    stands=True,
    schema=_SCHEMA,
    supported=_supported,
    undo=nothing_to_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    met=lambda memory: int(memory["tally"].requests + memory["tally"].refused),
    slows=True,
    wants=frozenset({"relay", "tls"}),
)
