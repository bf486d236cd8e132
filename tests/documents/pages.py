"""The project's documents, as a reader goes through them: links, headings, files to write, commands to type.

A fenced block is run when its first line says what it is:

    ```yaml file=scenarios/mine.yml      write this file
    ```console                           type what comes after `$ `, and see the lines below it
    ```console fails                     the same, and the last command fails

In what is to be seen ``…`` stands for anything, and blanks and line breaks count for nothing. Blocks of any
other kind (``sh``) are for reading.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_MARKDOWN = MarkdownIt("commonmark").enable("table")
#: Without what stands inside paragraphs, which takes most of the time.
_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")


class Block(NamedTuple):
    """One fenced block; ``line`` is where it begins in its page, ``words`` are those behind the fence."""

    line: int
    words: list[str]
    text: str

    @property
    def file(self) -> str | None:
        """The file that it is to be written into."""
        return next((word[5:] for word in self.words if word.startswith("file=")), None)


class Typed(NamedTuple):
    """One command, and what is to be seen."""

    command: str
    seen: list[str]


def tokens(page: Path) -> Iterator[Token]:
    """All tokens of a page, those inside paragraphs too."""
    for token in _parsed(page):
        yield token
        yield from token.children or ()


@functools.cache
def _parsed(page: Path) -> list[Token]:
    return _MARKDOWN.parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(token.map[0] + 1, token.info.split(), token.content)
        for token in _BLOCKS.parse(page.read_text(encoding="utf-8"))
        if token.type == "fence" and token.map
    ]


def links(page: Path) -> list[str]:
    """Where links and images of a page lead."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in tokens(page)]
    return [str(item) for item in found if item]


@functools.cache
def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them from their words."""
    whole = _parsed(page)
    names: dict[str, int] = {}
    for opening, inline in itertools.pairwise(whole):
        if opening.type == "heading_open":
            text = "".join(
                child.content for child in inline.children or () if child.type in ("text", "code_inline")
            )
            name = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            names[name] = names.get(name, -1) + 1
    return {
        f"{name}-{number}" if number else name for name, last in names.items() for number in range(last + 1)
    }


def typed(block: Block) -> list[Typed]:
    """The commands of a console block; one that ends in a backslash goes on in the next line."""
    found: list[Typed] = []
    goes_on = False
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Typed(line[2:], []))
        elif goes_on:
            last = found.pop()
            found.append(Typed(f"{last.command}\n{line}", last.seen))
        elif found and line.strip():
            found[-1].seen.append(line)
        goes_on = line.endswith("\\") and not (found and found[-1].seen)
    return found


def missing(seen: list[str], output: str) -> str | None:
    """The first thing that was to be seen and is not there, after what came before it; None: all is there."""
    whole, place = " ".join(output.split()), 0
    for line in seen:
        for part in line.split("…"):
            words = " ".join(part.split())
            found = whole.find(words, place)
            if found < 0:
                return words
            place = found + len(words)
    return None
