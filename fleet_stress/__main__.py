"""``python -I -m fleet_stress``: every process of ours on a host starts here."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Callable

from fleet_stress import __version__
from fleet_stress.store.errors import Damaged, unusable
from fleet_stress.store.layout import read_plan

_Command = Callable[[argparse.Namespace], int]

# Each command imports what it needs by itself: a poll must not pay for what a supervisor needs.


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Unusable files are reported in one sentence, without a traceback."""
    options = _parser().parse_args(argv)
    try:
        return int(options.function(options))
    except (OSError, Damaged) as problem:
        return unusable(options.command, problem, on_run=hasattr(options, "run_dir"))


def _supervise(options: argparse.Namespace) -> int:
    from fleet_stress.recovery.host_lock import Busy
    from fleet_stress.run.supervisor import Supervisor

    try:
        return Supervisor(options.run_dir).supervise()
    except Busy as busy:
        return _refuse(busy)


def _arena(options: argparse.Namespace) -> int:
    from fleet_stress.scenario import arena_process

    return arena_process.run(options.run_dir, options.scenario)


def _watchdog(options: argparse.Namespace) -> int:
    from fleet_stress.recovery import watchdog

    return watchdog.watch_run(options.run_dir)


def _watchdog_held(options: argparse.Namespace) -> int:
    from fleet_stress.recovery import watchdog

    return watchdog.watch_held(options.stress_dir)


def _follow(options: argparse.Namespace) -> int:
    from fleet_stress.run import follow

    return follow.follow(options.run_dir, options.offset, options.wait, options.steps)


def _archive(options: argparse.Namespace) -> int:
    from fleet_stress.run import archive

    print(archive.archive(options.run_dir))
    return 0


def _part(options: argparse.Namespace) -> int:
    from fleet_stress.run import archive

    return _print_json(archive.part(options.run_dir, options.offset, options.most))


def _collected(options: argparse.Namespace) -> int:
    (options.run_dir / "collected").touch()
    return 0


def _unable(_: argparse.Namespace) -> int:
    from fleet_stress.run.capabilities import all_unable

    return _print_json(all_unable(read_plan(sys.stdin.read(), "standard input", "scenarios", "bot")))


def _recover(options: argparse.Namespace) -> int:
    from fleet_stress.recovery import recover

    return _print_json(recover.recover(options.stress_dir))


def _tidy(options: argparse.Namespace) -> int:
    from fleet_stress.recovery import recover

    return _print_json(recover.tidy(options.stress_dir, options.keep))


def _leftovers(options: argparse.Namespace) -> int:
    from fleet_stress.run.leftovers import leftovers

    try:
        return _print_json(leftovers(options.stress_dir, options.user))
    except KeyError:
        return _refuse(f"there is no user {options.user!r} on this host: run the provision stage")


def _renew(options: argparse.Namespace) -> int:
    from fleet_stress.recovery.manual.renew import renew

    try:
        return _print_json({"left": renew(options.stress_dir, options.name, options.seconds, options.holder)})
    except LookupError as problem:
        return _refuse(problem.args[0])


def _print_json(document: object) -> int:
    print(json.dumps(document))
    return 0


def _refuse(reason: object) -> int:
    print(reason, file=sys.stderr)
    return 1


def _absolute(path: str) -> Path:
    return Path(path).absolute()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fleet-stress", description=__doc__)
    parser.add_argument("--version", action="version", version=f"fleet-stress {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, function: _Command, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about)
        command.set_defaults(function=function)
        return command

    def on_run(name: str, function: _Command, about: str) -> argparse.ArgumentParser:
        command = add(name, function, about)
        command.add_argument("run_dir", type=_absolute)
        return command

    def on_host(name: str, function: _Command, about: str) -> argparse.ArgumentParser:
        command = add(name, function, about)
        command.add_argument("--stress-dir", type=_absolute, required=True)
        return command

    on_run("supervise", _supervise, "run a plan to its end")
    on_run("watchdog", _watchdog, "undo a run whose supervisor dies or whose lease runs out")
    on_run("arena", _arena, "run one scenario of a run").add_argument("scenario")
    follow = on_run("follow", _follow, "print news of a run")
    follow.add_argument("--offset", type=int, default=0)
    follow.add_argument("--wait", type=float, default=0.0)
    follow.add_argument("--steps", type=float, help="print steps too, gathered for so many seconds")
    on_run("archive", _archive, "pack a run's result and evidence")
    part = on_run("part", _part, "print a part of a run's archive as base64; offset 0 packs it anew")
    part.add_argument("--offset", type=int, required=True)
    part.add_argument("--most", type=int, required=True)
    on_run("collected", _collected, "record that a run's result was fetched")
    add("unable", _unable, "which scenarios of the plan on standard input this host would skip")
    on_host("recover", _recover, "undo what dead runs left")
    on_host("tidy", _tidy, "remove old runs and working folders").add_argument("--keep", type=int, default=1)
    on_host("leftovers", _leftovers, "look for what should not be there").add_argument(
        "--user", required=True
    )
    renew = on_host("renew", _renew, "extend the lease of a held fault")
    renew.add_argument("--name", required=True)
    renew.add_argument("--seconds", type=float, required=True)
    renew.add_argument("--holder", help="only if it is held for this id")
    on_host("watchdog-held", _watchdog_held, "undo held faults whose lease runs out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
