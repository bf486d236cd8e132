"""What faults share that put a faulty file system in the place of a bot's folder: put there, proved, gone.

There are two ways to one promise: the file system itself (``by_fuse``), and, where that cannot be had, its stand-in in
the processes of a bot that runs on Python (``by_python``). Which one it was is in the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from fleet_stress.faults.disk import by_fuse, by_python
from fleet_stress.faults.protocol import Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shipped.record import Figures

#: Each has NAME, ``supported``, ``undo``, ``able`` and ``put``. The first that a host can do is taken.
_WAYS: tuple[ModuleType, ...] = (by_fuse, by_python)

FOLDER: dict[str, Any] = {
    "enum": ["state", "log", "both"],
    "description": "Of which folder of the bot; the state folder by default.",
}
BY: dict[str, Any] = {
    "enum": [way.NAME for way in _WAYS],
    "description": (
        "Only so: by a file system (FUSE), or by its stand-in in the processes of a bot that runs on Python, which sees"
        " less. By default the first of them that the host can do."
    ),
}


class Placed(Protocol):
    """One that was put in the place of a folder."""

    #: Its file in the evidence.
    log: Path
    order: Order
    #: What a cut of the power made it forget.
    lost: dict[str, Any] | None

    @property
    def by(self) -> str:
        """Which way."""

    def figures(self) -> Figures:
        """How often it was met, so far. Raises OSError."""

    def died(self) -> str | None:
        """That it was lost while it had to be there, as a sentence."""

    def stands(self) -> bool:
        """Whether it is there."""

    def switch_off(self) -> None:
        """From now on all passes."""

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
        "; ".join(one.reason for one in cannot), "; or ".join(dict.fromkeys(one.enable for one in cannot))
    )


def undo(site: Site, arguments: Mapping[str, Any], fault: str) -> tuple[UndoNeeded, ...]:
    """What each way needs that may be taken, for each folder."""
    return tuple(
        needed
        for place in _places(arguments)
        for way in _ways(arguments)
        for needed in way.undo(site, place, fault)
    )


def apply(
    site: Site, arguments: Mapping[str, Any], fault: str, rules: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Put it in the place of each folder. Raises OSError."""
    memory: dict[str, Any] = {"mounted": {}, "rules": list(rules)}
    try:
        for place in _places(arguments):
            if place in site.underneath.places:
                raise OSError(f"a faulty file system stands in the place of {site.places[place]} already")
            memory["mounted"][place] = _put(site, arguments, place, fault, rules)
    except BaseException:
        take_away(site, memory)
        raise
    return memory


def _put(
    site: Site, arguments: Mapping[str, Any], place: str, fault: str, rules: Sequence[Mapping[str, Any]]
) -> Placed:
    folder = Path(site.places[place])
    order = Order(
        folder=folder,
        source="",
        rules=rules,
        uid=site.user.uid,
        scratch=site.scratch,
        evidence=site.evidence,
        mark=site.mark,
        name=f"{fault}-{folder.name}",
    )
    first, *others = _ways(arguments)
    try:
        placed: Placed = first.put(site, order, place, fault)
    except OSError:
        # Trouble with a way that works here is trouble; one that does not work here leaves it to the next.
        if not others or first.able(site):
            raise
        placed = others[0].put(site, order, place, fault)
    return placed


def prove(memory: Mapping[str, Any]) -> Proof:
    """It bit when a rule was met, and it stood to the end."""
    folders: dict[str, Any] = {}
    stood, met = True, 0
    for place, mounted in memory["mounted"].items():
        figures = mounted.figures()
        met += figures.hits
        here = mounted.died() is None and mounted.stands()
        stood = stood and here
        folders[place[: -len("_dir")]] = {
            "by": mounted.by,
            "stood": here,
            "log": mounted.log.name,
            "operations": figures.operations,
            "rules": [
                {"rule": dict(rule), "met": times, "waited_seconds": round(waited, 3)}
                for rule, (times, waited) in zip(memory["rules"], figures.rules)
            ],
            **mounted.about(),
        }
    details: dict[str, Any] = {"met": met, "folders": folders}
    if not stood:
        details["why"] = "the file system did not stand to the end"
    elif not met:
        details["why"] = "no operation of the bot met a rule of it"
    return Proof(stood and met > 0, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often an operation of the bot has met a rule."""
    return sum(one.figures().hits for one in memory["mounted"].values())


def take_away(site: Site, memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Switch the rules off, take it away, and look.

    Raises OSError, also when it was lost before: what became of the bot then is our doing.
    """
    lost: list[str] = []
    forgotten: dict[str, Any] = {}
    for place, mounted in reversed(memory["mounted"].items()):
        gone = (
            None
            if mounted.stands()
            else f"the file system at {mounted.order.folder} was taken away by others"
        )
        mounted.switch_off()
        lost += [one for one in (gone or mounted.died(),) if one]
        mounted.take_away()
        if mounted.lost is not None:
            forgotten[place[: -len("_dir")]] = mounted.lost
        site.underneath.uncover(place)
    if lost:
        raise OSError(lost[0])
    return {"mounted": None, **({"lost": forgotten} if forgotten else {})}


def _ways(arguments: Mapping[str, Any]) -> list[ModuleType]:
    return [way for way in _WAYS if arguments.get("by") in (None, way.NAME)]


def _places(arguments: Mapping[str, Any]) -> Iterator[str]:
    asked = arguments.get("folder", "state")
    yield from ("state_dir", "log_dir") if asked == "both" else (f"{asked}_dir",)
