"""What a person is told: what is wrong, where, why, and what to do. Several problems come at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: So many problems are told at once; the rest is counted.
SHOWN = 10
#: So many words are listed beside the one that was probably meant; more are a wall around it.
_FEW = 16


class Problem(NamedTuple):
    """One thing that is wrong. ``where`` is ``file:line: key`` for data, the variable's name for ``-e``."""

    what: str
    where: str = ""
    why: str = ""
    do: str = ""

    def lines(self) -> list[str]:
        """What is wrong, then whatever else is known, each on a line of its own."""
        parts = (("where: ", self.where), ("why:   ", self.why), ("do:    ", self.do))
        return [self.what, *(f"   {label}{text}" for label, text in parts if text)]


class UserError(Exception):
    """One or several problems that a person can solve. ``str()`` is one readable block."""

    def __init__(self, what: str, where: str = "", why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.problems: tuple[Problem, ...] = (Problem(what, where, why, do),)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> UserError:
        """All these together; the same thing is told once."""
        found = tuple(dict.fromkeys(problems))
        error = cls(*found[0])
        error.problems = found
        return error

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return "\n".join(self.problems[0].lines())
        lines = [f"{len(self.problems)} problems:"]
        for number, problem in enumerate(self.problems[:SHOWN], 1):
            first, *rest = problem.lines()
            lines += [f"{number}. {first}", *rest]
        left = len(self.problems) - SHOWN
        return "\n".join([*lines, *([f"… and {left} more."] if left > 0 else [])])


class Problems:
    """Collects problems, so that a person hears of all of them at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, what: str, where: str = "", why: str = "", do: str = "") -> None:
        """Remember one problem."""
        self.found.append(Problem(what, where, why, do))

    def extend(self, error: UserError) -> None:
        """Remember all problems of an error."""
        self.found.extend(error.problems)

    def raise_any(self) -> None:
        """Raises UserError if anything was found."""
        if self.found:
            raise UserError.of(self.found)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The valid word that was probably meant, or None."""
    plain = {_plain(item): item for item in words}
    close = difflib.get_close_matches(_plain(word), plain, n=1)
    return plain[close[0]] if close else None


def did_you_mean(word: str, words: Iterable[str], otherwise: str = "use one of these") -> str:
    """What to do about an unknown word: the nearest valid one, or ``otherwise``."""
    meant = nearest(word, words)
    return f"did you mean `{meant}`?" if meant else otherwise


def there_is(word: str, words: Iterable[str]) -> str:
    """Why a word is unknown: all that there are; of many, where one of them was probably meant, only their number."""
    known = list(words)
    if len(known) > _FEW and nearest(word, known):
        return f"it is none of the {len(known)} that there are"
    return f"there is: {listed(known)}"


def listed(words: Iterable[str]) -> str:
    """``a, b, c``; ``nothing`` when there is none."""
    return ", ".join(words) or "nothing"


def refuse_unknown(arguments: Iterable[str], known: Sequence[str], plugin: str) -> None:
    """Raises UserError for the first argument that a plugin does not know."""
    for name in arguments:
        if name not in known:
            why, do = there_is(name, known), did_you_mean(name, known)
            raise UserError(f"unknown argument `{name}`", plugin, why, do)


def _plain(word: str) -> str:
    return str(word).casefold().replace("-", "_").replace(" ", "_")
