"""What may be believed of data from outside: from a disk that lost power, from a stranger's server.

Valid JSON is not enough. Python's parser lets ``NaN`` through, ``true`` passes for the number 1, and whole
numbers have no limit: each of them would sit in the books for good.
"""

import json
from typing import Any

#: No price, balance or count of ours comes near.
LARGEST = 10**15


def parse(content: bytes) -> Any:
    """What a JSON text in UTF-8 means. Raises ValueError for anything that is not one."""
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def is_count(value: object) -> bool:
    """Is it a whole number from zero up?"""
    return isinstance(value, int) and is_amount(value)


def is_amount(value: object) -> bool:
    """Is it a finite number from zero up?"""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 <= value < LARGEST  # which NaN is not
