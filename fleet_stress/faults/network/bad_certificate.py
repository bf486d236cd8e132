"""``bad_certificate``: the bot's exchange shows a certificate that does not verify (6.7).

The relay between the bot and its exchange (``behind_relay.py``) first shows a certificate that the bot trusts. While
the fault is active it shows another one and still passes everything on, as somebody in the middle would. A bot that
goes on trading over it verifies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.network.behind_relay import BehindRelay
from fleet_stress.faults.protocol import Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network import certificates


class BadCertificate(BehindRelay):
    name = "bad_certificate"
    title = "the exchange's certificate does not verify"
    needs = frozenset({"relay", "tls"})
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["how"],
        "description": "The bot's https exchange shows a certificate that does not verify.",
        "properties": {
            "how": {
                "enum": list(certificates.BAD),
                "description": "self_signed: no authority signed it. expired: since yesterday. wrong_host: it is"
                " another's.",
            }
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if not (where.bot.get("exchange") or {}).get("https"):
            reason = "the bot profile does not say how the bot is led to an exchange by https"
            return Unsupported(reason, "name the variables in `https` of its `exchange`")
        trouble = certificates.unable()
        if trouble is None:
            return None
        return Unsupported(f"no certificates can be made here: {trouble}", "install openssl")

    def apply(self) -> None:
        self._count(self._relay.pass_on(self.arguments["how"]))

    def prove(self) -> Proof:
        return self._proof({"how": self.arguments["how"], "before": self._before, **self._tally.summary()})

    def hits(self) -> int:
        return int(self._tally.requests + self._tally.refused)
