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
    return [word for word in (str(item).strip() for item in value) if word]


def stress_own_files(bot: Mapping[str, Any]) -> list[str]:
    """Paths of a bot's state and log files and their backups, as its profile writes them."""
    entries = [*bot["state"].values(), *bot["logs"].values()]
    return [entry[key] for entry in entries for key in ("path", "backup") if entry.get(key)]


def stress_commands(bot: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The command lines of a bot and of its companions, by name: what they start must be in the copy."""
    return {"argv": bot["argv"], **{companion["name"]: companion["argv"] for companion in bot["companions"]}}


def stress_below(path: str, folder: str) -> str:
    """A path below a folder."""
    return f"{folder}/{path}"


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {
            "stress_below": stress_below,
            "stress_commands": stress_commands,
            "stress_folder_variables": stress_folder_variables,
            "stress_own_files": stress_own_files,
            "stress_words": stress_words,
        }
