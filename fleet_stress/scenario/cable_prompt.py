"""The cable prompt: the operator is asked to pull the host's network cable, and the link shows what was done."""

from __future__ import annotations

import time
from typing import Any

from fleet_stress import system
from fleet_stress.faults.applied_fault import entry

#: The name, in the evidence, of the fault that a person applies.
FAULT = "unplugged"

#: What the operator is asked to do, by the event that is waited for.
REQUESTS = {
    "link_down": "pull the network cable of {link} (or switch its Wi-Fi off), and leave it for 30 to 60 s",
    "link_up": "{link} is down; put the cable back. The run goes on here meanwhile, whether or not it is seen",
}
#: Seconds between two looks at the link: on macOS a look is a process.
_LOOK = 0.25


class Cable:
    """The link that the default route used at the beginning; it stays the link that is meant."""

    def __init__(self) -> None:
        self.link = system.default_link()
        self._next, self._running = 0.0, True
        self._unplugged: list[dict[str, Any]] = []

    def is_as(self, until: str) -> bool:
        """Whether the link is as ``link_down`` or ``link_up`` says. A link that has disappeared is down."""
        now = time.monotonic()
        if self.link is not None and now >= self._next:
            self._next = now + _LOOK
            self._running = bool(system.link_running(self.link))
        return self._running == (until == "link_up")

    def pulled(self, at: float, start: int) -> dict[str, Any]:
        """The link went down: the entry of ``evidence.faults``, which ``put_back`` completes."""
        proof = {"link": self.link, "down_at": at, "why": "it never came back"}
        fault = {**entry(FAULT, {}, at, start), "applied": True, "proof": proof}
        self._unplugged.append(fault)
        return fault

    def put_back(self, at: float) -> None:
        """The link is up again."""
        for fault in self._unplugged:
            proof = {"link": self.link, "down_at": fault["at"], "up_at": at}
            fault.update(lifted_at=at, bit=True, proof=proof)
        self._unplugged.clear()

    def request(self, until: str) -> str:
        """What the operator is asked to do."""
        return REQUESTS[until].format(link=self.link)
