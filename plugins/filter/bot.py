"""What the bot's profile and the operator's variables say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_FOLDER = re.compile(r"\$\{(state_dir|log_dir)\}")


def stress_folder_variables(environment: Mapping[str, Any]) -> list[str]:
    """Names of the variables by which a profile tells its bot where state and logs are (``STATE_DIR``)."""
    return [name for name, value in environment.items() if _FOLDER.search(str(value))]


def stress_words(value: Any) -> list[str]:
    """A variable that may be a list, or words separated by commas or line ends as ``-e`` gives them.

    The comma in ``pandas<3,>=2`` separates nothing: words begin with a letter, digit, ``.``, ``/`` or ``*``.
    """
    if isinstance(value, str):
        value = re.split(r",(?=\s*[\w./*])|\n", value)
    elif not isinstance(value, Sequence):
        value = [value] if value else []
    return [word for word in (str(one).strip() for one in value) if word]


def stress_source_kind(source: str) -> str:
    """Of which kind a ``bot_source`` is: ``none``, ``host``, ``git`` or ``folder``."""
    if not source:
        return "none"
    if source.startswith("host:"):
        return "host"
    scp_like = re.match(r"[\w.-]+@[\w.-]+:", source)
    return "git" if "://" in source or scp_like or source.endswith(".git") else "folder"


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {
            "stress_folder_variables": stress_folder_variables,
            "stress_source_kind": stress_source_kind,
            "stress_words": stress_words,
        }
