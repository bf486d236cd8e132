"""The words of ``fleet-stress``: its commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import fleet_stress
from fleet_controller.catalogue.project import Project


def parser(actions: Mapping[str, Callable[[argparse.Namespace], Any]]) -> argparse.ArgumentParser:
    """Of all commands and their options; ``actions``: what each command does, by its name."""
    known = argparse.ArgumentParser(
        prog="fleet-stress",
        description="Stresses a trading bot on every host of a fleet, and proves what survived.",
        epilog="Each command runs a playbook; what follows `--` goes to ansible-playbook as it is."
        ' Completion: eval "$(register-python-argcomplete fleet-stress)"',
    )
    known.add_argument("--version", action="version", version=f"fleet-stress {fleet_stress.__version__}")
    commands = known.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, about: str, *, hosts: bool = True, bot: bool = False) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(function=actions[name])
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

    run = add("run", "run the catalogue, or some of it, against a bot", bot=True)
    _completed(
        run.add_argument("scenarios", nargs="*", help="names and selectors: sigterm row:1.3 all"), "scenarios"
    )
    run.add_argument("--check", action="store_true", help="say what would happen, and run nothing")
    listed = add(
        "list", "list scenarios, faults, checks, bots, profiles, and what each host can do", bot=True
    )
    listed.add_argument(
        "what", nargs="*", help="a part of it: scenarios, faults, checks, bots, profiles, hosts"
    )
    validate = add("validate", "check bot profiles and scenarios; no host is needed", hosts=False)
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
    init = add("init", "write a bot profile, by a look at its folder and at a watched start on a host")
    init.add_argument("folder", help="the bot's folder on this machine")
    init.add_argument(
        "--start", default="", help="the command line that starts it, such as 'python trade.py --paper'"
    )
    init.add_argument(
        "--exchange",
        default="",
        metavar="COMMAND",
        help="a stub of its exchange, in the bot's folder: 'python stub.py --host ${listen} --port-file ${ready}'",
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
    told = add("annotations", "print what did not pass as GitHub's annotations", hosts=False)
    told.add_argument("run", help="the folder of a run, such as results/latest")
    add("status", "who uses which host")
    add("recover", "undo what dead runs left").add_argument(
        "--force", action="store_true", help="end live runs and held faults first"
    )
    halt = add(
        "halt", "stop everything, and refuse new runs until it is released"
    ).add_mutually_exclusive_group(required=True)
    halt.add_argument("--reason", default="", help="why; shown with every refusal")
    halt.add_argument("--release", action="store_true", help="release the halt")
    add("results", "list the runs whose results are kept here", hosts=False)
    accept = add("accept", "accept what a run found: from then on only new findings fail", hosts=False)
    accept.add_argument("run", nargs="?", default="", help="the id of a run; the newest without it")
    accept.add_argument("--check", action="store_true", help="only say what would be written")
    return known


def _completed(action: argparse.Action, folder: str) -> None:
    """A shell completes it by the files of a folder of the project."""
    action.completer = lambda **_: list(Project().files(folder))  # type: ignore[attr-defined]
