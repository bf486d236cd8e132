"""From the arguments of ``python_env`` to what is to be installed."""

from __future__ import annotations

import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .as_builder import asked_as
from .builder import Bot
from .local_sources import hashes_of_packages
from .request import Request
from .requirement_files import read_requirements
from .tree_digest import digest


def requested(
    asked: Mapping[str, Any], version: str, folder: Path | None, owner: pwd.struct_passwd | None
) -> tuple[Request, Bot | None, list[str]]:
    """The request, the bot, and requirements files that it lacks. All files are read as the user who builds."""

    def read() -> list[Any]:
        files, sources = None, []
        if folder:
            optional = asked["requirements_optional"]
            files = read_requirements(
                folder, asked["requirements"] or [], asked["leave_out"], optional=optional
            )
            if files.installs_itself:
                sources = [str(folder), digest(folder)]
        lines = [*asked["packages"], *asked["constraints"]]
        base = (folder or Path("/")) / (files.base if files else "")
        return [files, sources + hashes_of_packages(lines, base)]

    files, sources = asked_as(owner, read)
    lines, constraints, missing, *about = files or ([], [], [], "", False, False)
    request = Request(
        asked["python"],
        version,
        tuple(asked["wheels"]),
        tuple(lines),
        tuple(asked["packages"]),
        (*asked["constraints"], *constraints),
        tuple(sources),
    )
    return request, Bot(folder, *about) if folder else None, missing
