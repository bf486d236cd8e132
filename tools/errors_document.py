"""The page of all messages, ``docs/generated/errors.md``, from their catalogue in ``tests/messages/entries``."""

from __future__ import annotations

import textwrap

from tests.messages.catalogue import ROOT, Area, Entry, areas

PATH = ROOT / "docs/generated/errors.md"

HEAD = """\
# Errors: what you are told, and the mistake that leads there

<!-- Written by `make docs` from tests/messages/entries/. A test compares. -->

Whatever is wrong is said in one block: what it is, `where` (file, line and key, or the variable), `why`, and what to
`do`. Several problems are told at once. A program that a host's shell shows, or a reason in a table, says the same in
one sentence. Each message here is provoked by a test and compared word by word, and a test fails for one that is
missing here. `…/` stands for a folder of that test.

A message that begins with *a mistake of fleet-stress* is none of yours: please report it, with what `-vvv` shows.
"""


def text() -> str:
    """The whole of it."""
    found = areas()
    contents = [f"- [{one.title}](#{_anchor(one.title)}) ({len(one.entries)})" for one in found]
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
    return "".join(one for one in title.casefold().replace(" ", "-") if one.isalnum() or one == "-")
