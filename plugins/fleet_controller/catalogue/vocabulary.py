"""The words that a scenario may use beside the verbs: the engine's faults and checks, and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class CheckWords(NamedTuple):
    """What may be said to one check; ``short`` is the argument that a bare value stands for."""

    arguments: Mapping[str, Any]
    short: str | None = None
    title: str = ""


class Vocabulary(NamedTuple):
    """``faults``: name → JSON Schema of its arguments. ``checks``: name → its words.

    ``lasting`` are the faults that are active until they are reverted, ``slowing`` those under which cycles take long.
    """

    faults: Mapping[str, Mapping[str, Any]]
    checks: Mapping[str, CheckWords]
    lasting: frozenset[str] = frozenset()
    slowing: frozenset[str] = frozenset()
    #: Faults that cut the bot off from its exchange.
    outages: frozenset[str] = frozenset()
    #: What cannot be about a fault's arguments that its schema lets pass: says why, or None.
    impossible: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = MappingProxyType({})

    @classmethod
    def of_engine(cls) -> Vocabulary:
        """What the engine that goes to the hosts can do."""
        from fleet_stress.faults import FAULTS
        from fleet_stress.judge.checks import CHECKS  # here, so that tests of the compiler need no engine
        from fleet_stress.store.contract import OUTAGES

        return cls(
            faults={name: fault.schema for name, fault in sorted(FAULTS.items())},
            checks={
                name: CheckWords(check.schema, check.short, check.title)
                for name, check in sorted(CHECKS.items())
            },
            lasting=frozenset(name for name, fault in FAULTS.items() if fault.lasting),
            slowing=frozenset(name for name, fault in FAULTS.items() if fault.slows),
            outages=frozenset(OUTAGES),
            impossible={name: fault.impossible for name, fault in FAULTS.items()},
        )
