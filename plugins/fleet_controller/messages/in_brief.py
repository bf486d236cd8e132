"""A problem of a host in one line, for where the whole of it was told before."""

from __future__ import annotations

import re

from fleet_controller.messages.text import in_one_line, plain

#: Characters of the line: a sentence that says what, why and what to do is whole.
_LONGEST = 600
#: How a list of problems begins each of its own (``hosts/preflight/``), and what is said below it.
_NUMBERED = re.compile(r"^\d+\. (?P<what>.+)$", re.MULTILINE)
_DO = re.compile(r"^ +do: +(?P<do>.+)$", re.MULTILINE)


def in_brief(problem: str, host: str) -> str:
    """What is wrong, and for a single problem what to do; ``host``: its name, which the line need not say again."""
    text = plain(problem)
    whats, does = _NUMBERED.findall(text), _DO.findall(text)
    if whats:
        text = "; ".join(whats) + (f"; do: {does[0]}" if len(whats) == len(does) == 1 else "")
    line = in_one_line(text, _LONGEST)
    for begins in (f"{plain(host)}: ", f"{plain(host)} "):
        line = line.removeprefix(begins)
    return line
