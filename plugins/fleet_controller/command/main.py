# PYTHON_ARGCOMPLETE_OK
"""``fleet-stress``: the arguments, and which playbook each command is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import argcomplete

from fleet_controller.catalogue.project import Project
from fleet_controller.command import arguments, playbooks
from fleet_controller.command.meant_hosts import refuse_missing, refuse_nobody
from fleet_controller.messages.errors import UserError

#: What comes behind it goes to ansible-playbook as it is.
_VERBATIM = "--"


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code, or becomes ``ansible-playbook``."""
    typed, verbatim = _parted(list(sys.argv[1:] if words is None else words))
    known = parser()
    argcomplete.autocomplete(known)
    options = known.parse_args(typed)
    options.verbatim = verbatim
    try:
        return int(options.function(options) or 0)
    except UserError as error:
        print(error, file=sys.stderr)
    except OSError as problem:  # a folder that cannot be read, a file that cannot be written
        print(f"{problem.filename}: {problem.strerror}", file=sys.stderr)
    return 2


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    if _VERBATIM not in words:
        return words, []
    at = words.index(_VERBATIM)
    return words[:at], words[at + 1 :]


def _run(options: argparse.Namespace) -> None:
    _play("stress.yml", options, {**_about_bot(options), "scenarios": ",".join(options.scenarios)})


def _list(options: argparse.Namespace) -> None:
    _play("playbooks/list.yml", options, {**_about_bot(options), "list": ",".join(options.what)})


def _status(options: argparse.Namespace) -> None:
    _play("playbooks/status.yml", options, {})


def _recover(options: argparse.Namespace) -> None:
    _play("playbooks/recover.yml", options, {"recover": "force" if options.force else ""})


def _halt(options: argparse.Namespace) -> None:
    _play("playbooks/halt.yml", options, {"reason": options.reason, "release": options.release or None})


def _results(options: argparse.Namespace) -> None:
    playbooks.become(playbooks.argv("playbooks/results.yml", {}, verbatim=options.verbatim))


def _accept(options: argparse.Namespace) -> None:
    chosen = {"accept_run": options.run}
    playbooks.become(
        playbooks.argv("playbooks/accept.yml", chosen, check=options.check, verbatim=options.verbatim)
    )


def _play(playbook: str, options: argparse.Namespace, variables: dict[str, Any]) -> None:
    files = [item.removeprefix("@") for item in options.extra if item.startswith("@")]
    from_files = [word for file in files for word in ("-e", f"@{playbooks.of_caller(file)}")]
    given = [item for item in options.extra if not item.startswith("@")]
    for inventory in options.inventory:
        refuse_missing(inventory)
    if options.limit:
        refuse_nobody([playbooks.of_caller(inventory) for inventory in options.inventory], options.limit)
    playbooks.become(
        playbooks.argv(
            playbook,
            {**variables, **playbooks.variables(given, "-e")},
            inventories=options.inventory,
            limit=options.limit,
            check=getattr(options, "check", False),
            verbatim=[*from_files, *options.verbatim],
        )
    )


def _about_bot(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "bot": playbooks.of_caller(options.bot)
        if "/" in options.bot or options.bot.endswith(".yml")
        else options.bot,
        "bot_source": playbooks.of_caller(options.source),
        "bot_ref": options.ref,
        "profile": options.profile,
    }


def _validate(options: argparse.Namespace) -> int:
    from fleet_controller.command.validate import validate

    return validate(options.files, options.bot, options.profile)


def _annotations(options: argparse.Namespace) -> None:
    from fleet_controller.report.annotations import workflow_commands
    from fleet_controller.results.finished_run import find

    folder = playbooks.of_caller(options.run)
    for line in workflow_commands(find(Path(folder).parent, folder, Project(), "annotations").results):
        print(line)


def _init(options: argparse.Namespace) -> int:
    from fleet_controller.command.init import init
    from fleet_controller.command.watching import Request

    return init(
        Request(
            folder=options.folder,
            name=options.name,
            start=options.start,
            exchange=options.exchange,
            environment=options.env,
            to=options.to,
            force=options.force,
            slow=options.slow,
            inventories=options.inventory,
            limit=options.limit,
            extra=options.extra,
            verbatim=options.verbatim,
        )
    )


_ACTIONS = {
    **{"run": _run, "list": _list, "validate": _validate, "init": _init, "status": _status, "halt": _halt},
    **{"recover": _recover, "accept": _accept, "results": _results, "annotations": _annotations},
}


def parser() -> argparse.ArgumentParser:
    """Of all commands and their options."""
    return arguments.parser(_ACTIONS)


if __name__ == "__main__":
    sys.exit(main())
