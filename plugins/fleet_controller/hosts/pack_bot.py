"""Pack a bot's folder, or a commit of its git repository, on the controller: once for all hosts, before any of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet_controller.hosts.bot_source import is_git
from fleet_controller.hosts.git_checkout import checked_out, without_secret
from fleet_stress.store.bot_archive import BotCopyError, Rules, missing_programs, pack, take


def packed(
    source: str,
    ref: str,
    cache: Path,
    *,
    rules: Rules,
    requirements: Sequence[str],
    commands: dict[str, Sequence[str]],
    max_mb: float,
    look_only: bool = False,
) -> dict[str, Any]:
    """``archive`` and its ``content``, ``commit``, ``files`` (how many) and ``left_out``.

    Args:
        source: A folder, or the address of a git repository.
        ref: A branch, tag or commit of it.
        cache: Folder of archives and checkouts.
        rules: What of the folder is left out.
        requirements: Requirement files that have to be in it.
        commands: Of the bot's profile, by name: what they start has to be in it.
        max_mb: The most that may be packed, in MiB.
        look_only: Pack nothing, and fetch nothing: of a repository nothing is said then.

    Raises:
        BotCopyError: It cannot be packed, or something is missing; all that is, at once. Without a password.
        OSError: A file of the controller cannot be used.
    """
    folder, commit = Path(source).expanduser(), ""
    if is_git(source) and not folder.is_dir():
        if look_only:
            return {}
        folder, commit = checked_out(source, ref, cache / "git")
    if look_only:
        taken, archive = take(folder, rules), ""
    else:
        taken, path = pack(folder, rules, cache / "bots", max_mb)
        archive = str(path)
    files = {entry.path for entry in taken.entries}
    wrong = list(missing_programs(taken, commands))
    absent = [name for name in requirements if name not in files]
    wrong += [f"requirements file {name} is not in the bot's folder" for name in absent]
    if wrong:
        raise BotCopyError(
            f"bot_source {without_secret(source)}: {'; '.join(wrong)}. Correct bot_source, or what"
            " the bot's profile says (argv, companions) and bot_requirements."
        )
    return {
        "archive": archive,
        "content": taken.content,
        "commit": commit,
        "files": len(taken.entries),
        "left_out": list(taken.left_out),
    }
