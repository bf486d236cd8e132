"""A message by its code: the name of its entry in the catalogue, where its words are pinned once.

``pytest.raises(UserError, match=says("unknown_role"))`` holds whatever the message's words are, and whatever stands in
its holes: the words are those of the source, which the entry has found.
"""

from __future__ import annotations

from functools import cache

from tests.messages.catalogue import ROOT, entries
from tests.messages.sites import pattern, sites


def says(code: str) -> str:
    """A regular expression for the message with this code. Raises KeyError where the catalogue has none of it."""
    messages = {entry.name: entry.all_told for entry in entries()}[code]
    found = [text for text in _texts() if any(pattern(text).search(message) for message in messages)]
    return pattern(max(found, key=lambda text: len(text.replace("\0", "")))).pattern.replace(
        ".*", r"(?:.|\n)*"
    )


@cache
def _texts() -> list[str]:
    return [text for site in sites(ROOT) for text in site.texts]
