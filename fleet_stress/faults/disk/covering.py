"""What faults share that put a faulty file system in the place of a bot's folder.

There are two ways to one promise: the file system itself (``by_fuse``), and, where that cannot be had, the Python shim
in the processes of a bot that runs on Python (``by_python``). Which one it was is in the evidence.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from fleet_stress.faults.disk import by_fuse, by_python
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shipped.record import Figures
from fleet_stress.system import ram_volume

#: Each has NAME, ``supported``, ``undo``, ``able`` and ``put``. The first that a host can do is taken.
_WAYS: tuple[ModuleType, ...] = (by_fuse, by_python)

FOLDER: dict[str, Any] = {
    "enum": ["state", "log", "both"],
    "description": "The bot's folder; the state folder by default.",
}
BY: dict[str, Any] = {
    "enum": [way.NAME for way in _WAYS],
    "description": (
        "The only means: a file system (FUSE), or the Python shim in the processes of a bot that runs on Python, which"
        " sees less. By default the first of them that the host supports."
    ),
}


class Placed(Protocol):
    """A file system (or its shim) that was put in the place of a folder."""

    #: Its file in the evidence.
    log: Path
    order: Order
    #: What a cut of the power made it forget.
    lost: dict[str, Any] | None

    @property
    def by(self) -> str:
        """Which way."""

    def figures(self) -> Figures:
        """The operations and the hits so far. Raises OSError."""

    def died(self) -> str | None:
        """That it was lost while it had to be there, as a sentence."""

    def stands(self) -> bool:
        """Whether it is there."""

    def switch_off(self) -> None:
        """Let every operation pass from now on."""

    def take_away(self) -> None:
        """Undo it; repeatable. Raises OSError."""

    def about(self) -> dict[str, Any]:
        """What the evidence has to say of this way."""


def supported(
    where: Where, arguments: Mapping[str, Any], rules: Sequence[Mapping[str, Any]] = ()
) -> Unsupported | None:
    """None when one of the ways is there; else why each is not."""
    cannot: list[Unsupported] = []
    for way in _ways(arguments):
        found = way.supported(where, rules)
        if found is None:
            return None
        cannot.append(found)
    return Unsupported(
        "; ".join(refusal.reason for refusal in cannot),
        "; or ".join(dict.fromkeys(refusal.enable for refusal in cannot)),
    )


class OverFolder(Fault):
    """A fault that is a file system with rules in the place of the state folder, the log folder or both."""

    slows = True

    @classmethod
    @abc.abstractmethod
    def rules(cls, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The rules by which it answers."""

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Where one of the ways can do all of its rules."""
        return supported(where, arguments, cls.rules(arguments))

    def undo(self) -> tuple[UndoNeeded, ...]:
        """What each way needs that may be taken, for each folder."""
        return tuple(
            needed
            for place in self._places()
            for way in _ways(self.arguments)
            for needed in way.undo(self.site, place, self._source(place))
        )

    def apply(self) -> None:
        """Put it in the place of each folder. Raises OSError."""
        self._placed: dict[str, Placed] = {}
        try:
            for place in self._places():
                if place in self.site.isolation.underneath.places:
                    raise OSError(
                        f"a faulty file system stands in the place of {self.site.places[place]} already"
                    )
                self._placed[place] = self._put(place)
        except BaseException:
            self.revert()
            raise

    def _source(self, place: str) -> str:
        """The name of the mount in the place of one folder."""
        return f"{ram_volume.SOURCE}{self.site.mark}/{self.name}/{place}:{self.id}"

    def _put(self, place: str) -> Placed:
        site, folder = self.site, Path(self.site.places[place])
        order = Order(
            folder=folder,
            source=self._source(place),
            rules=self.rules(self.arguments),
            uid=site.user.uid,
            scratch=site.scratch,
            evidence=site.evidence,
            mark=site.mark,
            name=f"{self.name}-{folder.name}",
        )
        first, *others = _ways(self.arguments)
        try:
            placed: Placed = first.put(site, order, place)
        except OSError:
            # Trouble with a way that works here is trouble; one that does not work here leaves it to the next.
            if not others or first.able(site):
                raise
            placed = others[0].put(site, order, place)
        return placed

    def prove(self) -> Proof:
        """It took effect when a rule was hit, and it was there to the end."""
        folders: dict[str, Any] = {}
        there, hits = True, 0
        for place, placed in self._placed.items():
            figures = placed.figures()
            hits += figures.hits
            here = placed.died() is None and placed.stands()
            there = there and here
            folders[place[: -len("_dir")]] = {
                "by": placed.by,
                "stood": here,
                "log": placed.log.name,
                "operations": figures.operations,
                "rules": [
                    {"rule": dict(rule), "met": times, "waited_seconds": round(waited, 3)}
                    for rule, (times, waited) in zip(self.rules(self.arguments), figures.rules)
                ],
                **placed.about(),
            }
        details: dict[str, Any] = {"met": hits, "folders": folders}
        if not there:
            details["why"] = "the file system did not stand to the end"
        elif not hits:
            details["why"] = "no operation of the bot met a rule of it"
        return Proof(there and hits > 0, details)

    def hits(self) -> int:
        """How many operations of the bot a rule was applied to."""
        return sum(placed.figures().hits for placed in self._placed.values())

    def kills(self) -> int:
        """How often a rule that kills was met."""
        rules = self.rules(self.arguments)
        if not any("kill" in rule for rule in rules):
            return 0
        return sum(
            times
            for placed in self._placed.values()
            for rule, (times, _) in zip(rules, placed.figures().rules)
            if "kill" in rule
        )

    def revert(self) -> Mapping[str, Any]:
        """Switch the rules off, take it away, and look.

        Raises OSError, also when it was lost before: what became of the bot then is our doing.
        """
        lost: list[str] = []
        forgotten: dict[str, Any] = {}
        for place, placed in reversed(self._placed.items()):
            gone = (
                None
                if placed.stands()
                else f"the file system at {placed.order.folder} was taken away by others"
            )
            placed.switch_off()
            lost += [problem for problem in (gone or placed.died(),) if problem]
            placed.take_away()
            if placed.lost is not None:
                forgotten[place[: -len("_dir")]] = placed.lost
            self.site.isolation.underneath.uncover(place)
        if lost:
            raise OSError(lost[0])
        return {"mounted": None, **({"lost": forgotten} if forgotten else {})}

    def _places(self) -> Iterator[str]:
        folder = self.arguments.get("folder", "state")
        yield from ("state_dir", "log_dir") if folder == "both" else (f"{folder}_dir",)


def _ways(arguments: Mapping[str, Any]) -> list[ModuleType]:
    return [way for way in _WAYS if arguments.get("by") in (None, way.NAME)]
