"""What the names of one file in several cycles have in common: ``state.json.rursbyrj.tmp`` is ``state.json.*.tmp``.

Names are compared, never guessed at: a word of a name is kept where it is the same in all of them. Two traps remain of
names that are equal by chance. Random words may begin with the same letters, so of a word that varies only a stem is
kept: up to a ``_`` or ``-``, or three letters at least (``tmp``). And a clock may stand still for so long: beside a
word that varies, those with digits are taken to vary too (a date beside a time), and the time itself always.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

#: What separates words; ``_`` and ``-`` do not, for the random words of mkstemp(3) and token_urlsafe have them.
_BETWEEN = re.compile(r"([^\w-]+)")
_STARS = re.compile(r"\*(?:[^\w/-]+\*)+")
_STEM = re.compile(r"\D*[-_]|[^\W\d]{3,}")
#: Fewer digits are no time; a recording lasts no day.
_TIME_DIGITS, _DAY = 9, 86_400.0


def words(path: str, now: float) -> set[str]:
    """Its words, and the stems of them, that may be the same in another cycle. ``now``: the time (time.time)."""
    found = {word for word in _BETWEEN.split(path)[::2] if word and not is_time(word, now)}
    return found | {word[: end + 1] for word in found for end in _boundaries(word)}


def rough(path: str, known: set[str]) -> str:
    """The path with ``*`` for what is not among the words that all cycles know."""
    parts = _BETWEEN.split(path)
    return _STARS.sub(
        "*", "".join(_known(part, known) if at % 2 == 0 else part for at, part in enumerate(parts))
    )


def common(paths: Sequence[str], now: float) -> str:
    """A pattern for names of one file, one of each cycle: what is equal in all, and ``*`` for the rest."""
    split = [_BETWEEN.split(path) for path in paths]
    if len({tuple(parts[1::2]) for parts in split}) > 1:
        return _ends(split)
    merged = [_merged(parts, now) for parts in zip(*split)]
    for first, after in _components(split[0]):
        if any("*" in part for part in merged[first:after]):
            merged[first:after] = [_without_digits(part) for part in merged[first:after]]
    return _STARS.sub("*", "".join(merged))


def is_time(word: str, now: float) -> bool:
    """Whether it is the time: seconds of the epoch, or thousandths, millionths, billionths of them."""
    if len(word) < _TIME_DIGITS or not (word.isascii() and word.isdigit()):
        return False
    return any(abs(int(word) / 1000**power - now) < _DAY for power in range(4))


def _known(word: str, known: set[str]) -> str:
    if not word or word in known:
        return word
    stems = (word[: end + 1] for end in reversed(_boundaries(word)))
    return next((f"{stem}*" for stem in stems if stem in known), "*")


def _boundaries(word: str) -> list[int]:
    """Where a stem may end: each ``_`` or ``-`` before the first digit, but the last character."""
    ends = (at for at, character in enumerate(word[:-1]) if character in "_-")
    return [at for at in ends if not any(character.isdigit() for character in word[:at])]


def _merged(parts: Sequence[str], now: float) -> str:
    if len(set(parts)) == 1:
        return "*" if is_time(parts[0], now) else parts[0]
    before = _stem("".join(_shared(parts)))
    room = min(len(part) for part in parts) - len(before)
    after = _stem("".join(_shared([part[::-1] for part in parts])[:room]))[::-1]
    return f"{before}*{after}"


def _stem(shared: str) -> str:
    found = _STEM.match(shared)
    return found.group() if found else ""


def _components(parts: Sequence[str]) -> list[tuple[int, int]]:
    """Where the parts of each name in a path begin and end."""
    slashes = [at for at, part in enumerate(parts) if at % 2 and "/" in part]
    return list(zip([0, *(at + 1 for at in slashes)], [*slashes, len(parts)]))


def _without_digits(part: str) -> str:
    return "*" if any(character.isdigit() for character in part) else part


def _shared(sequences: Sequence[Sequence[str]]) -> list[str]:
    """What all of them begin with."""
    return [first for first, *_ in takewhile(lambda items: len(set(items)) == 1, zip(*sequences))]


def _ends(split: Sequence[Sequence[str]]) -> str:
    """Names of different form: what they begin and end with, in whole words."""
    begin = _shared(split)
    room = min(len(parts) for parts in split) - len(begin)
    end = _shared([parts[::-1] for parts in split])[:room][::-1]
    kept = ["".join(map(_without_digits, part)) for part in (begin, end)]
    return _STARS.sub("*", f"{kept[0]}*{kept[1]}")
