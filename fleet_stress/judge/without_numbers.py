"""Texts as keys: numbers change from one time to the next, the cause stays."""

from __future__ import annotations

import re

#: Addresses, ids in hexadecimal of eight digits and more, and numbers with their points.
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d+(?:[.:,]\d+)*")


def without_numbers(text: str) -> str:
    """``no price for 0x7f3a in 17 s`` → ``no price for # in # s``."""
    return _NUMBER.sub("#", text)
