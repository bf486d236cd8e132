"""The page of all messages, ``docs/generated/errors.md``, from their catalogue in ``tests/messages/entries``."""

from __future__ import annotations

import textwrap

from tests.messages.catalogue import ROOT, Area, Entry, areas

PATH = ROOT / "docs/generated/errors.md"

HEAD = """\
# Messages, and the mistakes that lead to them

<!-- Written by `make docs` from tests/messages/entries/. A test compares. -->

A message says what is wrong, `where` (file, line and key, or the variable), `why`, and what to `do`. All errors are
reported at once. Commands in a host's shell, and reasons in a table, say the same in one sentence. A test provokes each
message here, and fails for a message that is missing. `…/` is a folder of that test.

If a message begins with *a mistake of fleet-stress*, please report it, with the output of `-vvv`.
"""


def text() -> str:
    """The whole of it."""
    found = areas()
    contents = [f"- [{item.title}](#{_anchor(item.title)}) ({len(item.entries)})" for item in found]
    return "\n".join([HEAD, *contents, "", *(part for area in found for part in _area(area))])


def _area(area: Area) -> list[str]:
    parts = [f"## {area.title}", "", *textwrap.wrap(area.about, 116), ""]
    for entry in area.entries:
        parts += [*_mistake(entry), "", "```text", *_shown(entry.all_told[0]).splitlines(), "```", ""]
    return parts


def _mistake(entry: Entry) -> list[str]:
    return textwrap.wrap(f"**{entry.mistake}**" if "`" not in entry.mistake else entry.mistake, 116)


def _shown(told: str) -> str:
    return told.replace("${tmp}/", "…/").replace("${tmp}", "…")


def _anchor(title: str) -> str:
    return "".join(item for item in title.casefold().replace(" ", "-") if item.isalnum() or item == "-")
