"""Names that are one name to a file system that does not tell upper from lower case, such as macOS's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator


def alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that such a file system takes for one (APFS, HFS+), the earlier one first.

    It also takes different spellings of one letter for the same (the normal forms of Unicode).
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFD", name).casefold(), name)
        if other != name:
            yield other, name
