# PYTHON_ARGCOMPLETE_OK
"""``fleet-stress``: the arguments, and which playbook each command is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import argcomplete

import fleet_stress
from fleet_controller.catalogue.project import Project
from fleet_controller.command import playbooks
from fleet_controller.messages.errors import UserError

#: What comes behind it goes to ansible-playbook as it is.
_VERBATIM = "--"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code, or becomes ``ansible-playbook``."""
    typed, verbatim = _parted(list(sys.argv[1:] if arguments is None else arguments))
    known = parser()
    argcomplete.autocomplete(known)
    options = known.parse_args(typed)
    options.verbatim = verbatim
    try:
        return int(options.function(options) or 0)
    except UserError as error:
        print(error, file=sys.stderr)
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
    playbooks.become(
        playbooks.argv(
            playbook,
            {**variables, **playbooks.variables(options.extra, "-e")},
            inventories=options.inventory,
            limit=options.limit,
            check=getattr(options, "check", False),
            verbatim=options.verbatim,
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


def parser() -> argparse.ArgumentParser:
    """Of all commands and their options."""
    known = argparse.ArgumentParser(
        prog="fleet-stress",
        description="Stresses a trading bot on every host of a fleet, and proves what survived.",
        epilog="Each command runs a playbook; what follows `--` goes to ansible-playbook as it is."
        ' Completion: eval "$(register-python-argcomplete fleet-stress)"',
    )
    known.add_argument("--version", action="version", version=f"fleet-stress {fleet_stress.__version__}")
    commands = known.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(
        name: str, function: Any, about: str, *, hosts: bool = True, bot: bool = False
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(function=function)
        if hosts:
            command.add_argument(
                "-i", "--inventory", action="append", default=[], help="an inventory; this machine without it"
            )
            command.add_argument("-l", "--limit", default="", help="only these hosts or groups")
            command.add_argument(
                "-e", "--extra", action="append", default=[], metavar="NAME=VALUE", help="any other variable"
            )
        if bot:
            _completed(
                command.add_argument("-b", "--bot", default="", help="a profile in bots/, or a path to one"),
                "bots",
            )
            command.add_argument(
                "-s", "--source", default="", help="where the bot is: a folder, host:/folder, a git URL"
            )
            command.add_argument("--ref", default="", help="branch, tag or commit of a git URL")
            _completed(
                command.add_argument("-p", "--profile", default="", help="how hard: smoke, standard, soak"),
                "profiles",
            )
        return command

    run = add("run", _run, "run the catalogue, or some of it, against a bot", bot=True)
    _completed(
        run.add_argument("scenarios", nargs="*", help="names and selectors: sigterm row:1.3 all"), "scenarios"
    )
    run.add_argument("--check", action="store_true", help="say what would happen, and run nothing")
    listed = add(
        "list", _list, "list scenarios, faults, checks, bots, profiles, and what each host can do", bot=True
    )
    listed.add_argument(
        "what", nargs="*", help="a part of it: scenarios, faults, checks, bots, profiles, hosts"
    )
    validate = add("validate", _validate, "check bot profiles and scenarios; no host is needed", hosts=False)
    validate.add_argument(
        "files", nargs="+", help="profiles and scenarios: files, or names of profiles in bots/"
    )
    _completed(
        validate.add_argument("-b", "--bot", default="", help="the bot that scenarios are checked with"),
        "bots",
    )
    _completed(
        validate.add_argument("-p", "--profile", default="", help="the profile that they are checked with"),
        "profiles",
    )
    init = add("init", _init, "write a bot profile, by a look at its folder and at a watched start on a host")
    init.add_argument("folder", help="the bot's folder on this machine")
    init.add_argument(
        "--start", default="", help="the command line that starts it, such as 'python trade.py --paper'"
    )
    init.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable that it needs; no secrets",
    )
    init.add_argument("--name", default="", help="the profile's name; the folder's without it")
    init.add_argument(
        "--to", default="", metavar="FILE", help="where to write it; bots/NAME.yml of the project without it"
    )
    init.add_argument("--force", action="store_true", help="replace a profile that is there")
    init.add_argument(
        "--slow", action="store_true", help="watch for minutes: its cycles take longer than some seconds"
    )
    told = add("annotations", _annotations, "print what did not pass as GitHub's annotations", hosts=False)
    told.add_argument("run", help="the folder of a run, such as results/latest")
    add("status", _status, "who uses which host")
    add("recover", _recover, "undo what dead runs left").add_argument(
        "--force", action="store_true", help="end live runs and held faults first"
    )
    halt = add(
        "halt", _halt, "stop everything, and refuse new runs until it is released"
    ).add_mutually_exclusive_group(required=True)
    halt.add_argument("--reason", default="", help="why; shown with every refusal")
    halt.add_argument("--release", action="store_true", help="release the halt")
    add("results", _results, "list the runs whose results are kept here", hosts=False)
    accept = add(
        "accept", _accept, "accept what a run found: from then on only new findings fail", hosts=False
    )
    accept.add_argument("run", nargs="?", default="", help="the id of a run; the newest without it")
    accept.add_argument("--check", action="store_true", help="only say what would be written")
    return known


def _completed(action: argparse.Action, folder: str) -> None:
    """A shell completes it by the files of a folder of the project."""
    action.completer = lambda **_: list(Project().files(folder))  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
