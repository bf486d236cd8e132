"""What all tables for a person share: a console that writes into text, open grids, width and colour."""

from __future__ import annotations

import io
import re
from typing import Any, Literal

from ansible import constants
from ansible.utils import color
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet_controller.messages.text import spelled_out

#: One message is no longer, in characters; what we draw is bounded by what it is drawn from.
MESSAGE_LIMIT = 100_000
#: A terminal takes these for colours and weights, and does nothing else (ECMA-48, SGR).
_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")
#: What Ansible takes for the width of a terminal that is none, and what we take.
_ANSIBLES_WIDTH, _WIDTH = 79, 100


class Drawn(str):
    """A text that we drew, with colours of ours in it."""

    __slots__ = ()


def harmless(text: str) -> str:
    """A message without what a terminal would obey, whoever's words are in it; colours only in what we drew."""
    if isinstance(text, Drawn):
        pieces = _COLOURS.split(text)
        return Drawn(
            "".join(piece if number % 2 else spelled_out(piece) for number, piece in enumerate(pieces))
        )
    left = len(text) - MESSAGE_LIMIT
    shown = spelled_out(text[:MESSAGE_LIMIT].replace("\r\n", "\n"))
    return f"{shown} … ({left} more characters)" if left > 0 else shown


def screen(width: int, colour: bool) -> tuple[Console, io.StringIO]:
    """A console that obeys no markup, and where its output is gathered. ``width`` in characters."""
    stream = io.StringIO()
    return Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    ), stream


def written(stream: io.StringIO) -> Drawn:
    """What was gathered, without blanks at the ends of lines."""
    return Drawn("\n".join(line.rstrip() for line in stream.getvalue().splitlines()))


def open_table(*columns: str, gap: int = 2, uncut: tuple[str, ...] = ()) -> Table:
    """An open table; ``>`` before a column's name sets it flush right, those of ``uncut`` are never broken."""
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for column in columns:
        side: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        table.add_column(
            Text(column.removeprefix(">")), justify=side, no_wrap=column in uncut, overflow="fold"
        )
    return table


def looks(display: Any) -> dict[str, Any]:
    """Width and colour of the terminal. A task runs detached from it, so what Ansible saw at its start."""
    width = int(display.columns)
    unseen = width <= _ANSIBLES_WIDTH and not color.ANSIBLE_COLOR and not constants.ANSIBLE_NOCOLOR
    return {"width": _WIDTH if unseen else width, "colour": bool(color.ANSIBLE_COLOR)}
