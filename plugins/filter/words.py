"""Variables that the operator may write as a list or as words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any


def stress_words(value: Any) -> list[str]:
    """A variable that may be a list, or words separated by commas or line ends as ``-e`` gives them.

    The comma in ``pandas<3,>=2`` separates nothing: words begin with a letter, digit, ``.``, ``/`` or ``*``.
    """
    if isinstance(value, str):
        value = re.split(r",(?=\s*[\w./*])|\n", value)
    elif not isinstance(value, Sequence):
        value = [value] if value else []
    return [word for word in (str(item).strip() for item in value) if word]


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"stress_words": stress_words}
