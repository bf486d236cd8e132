"""What a bot's profile says of its files: its own, those that its commands start, and how it is told its folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_FOLDER = re.compile(r"\$\{(state_dir|log_dir)\}")


def own_files(bot: Mapping[str, Any]) -> list[str]:
    """Paths of a bot's state and log files and their backups, as its profile writes them."""
    files = [*bot["state"].values(), *bot["logs"].values()]
    return [file[key] for file in files for key in ("path", "backup") if file.get(key)]


def command_lines(bot: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The command lines of a bot and of its companions, by name: what they start must be in the copy."""
    return {"argv": bot["argv"], **{companion["name"]: companion["argv"] for companion in bot["companions"]}}


def folder_variables(bot: Mapping[str, Any]) -> list[str]:
    """Names of the environment variables by which a profile tells its bot where state and logs are (``STATE_DIR``)."""
    return [name for name, value in bot["environment"].items() if _FOLDER.search(str(value))]
