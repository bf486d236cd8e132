"""Why an environment could not be built, as a person is shown it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path


class EnvironmentFailed(Exception):
    """It could not be built; the message says why and what to do."""


def explain(failure: str, path: Path, output: str) -> str:
    """The message for a person: the lines of pip that matter, and what can be done."""
    lines = [
        line.rstrip() for line in output.splitlines() if line.strip() and not line.startswith("[notice]")
    ]
    marks = ("ERROR:", "error:", "The conflict is caused by:")
    first = next(
        (number for number, line in enumerate(lines) if line.strip().startswith(marks)), len(lines) - 8
    )
    telling = [line for line in lines[max(0, first) :] if not line.startswith(("WARNING:", "  Downloading"))]
    excerpt = "\n".join(f"  {line}" for line in telling[-14:])
    if "No space left" in output:
        todo = "make room there"
    elif re.search(
        r"Temporary failure in name resolution|NewConnectionError|Max retries|ConnectTimeout", output
    ):
        todo = (
            "name a package index or a proxy that the host reaches (bot_pip_environment); a misspelled package"
            " would look the same"
        )
    elif "No matching distribution found" in output:
        todo = "correct the package's name or version, or name an index that the host reaches (bot_pip_environment)"
    else:
        todo = (
            "pin what clashes (-e 'bot_constraints=name<version'), or do without it (-e bot_leave_out=name)"
        )
    return f"{path}: {failure}. pip said:\n{excerpt}\nWhat to do: {todo}."


def without_secrets(text: str, given: Mapping[str, str]) -> str:
    """A message without passwords: those in addresses, and every value whose name says that it is one."""
    text = re.sub(r"//[^/@\s]+@", "//***@", text)
    for name, value in given.items():
        if re.search(r"pass|secret|token|key|auth", name, re.IGNORECASE) and len(value) > 3:
            text = text.replace(value, "***")
    return text
