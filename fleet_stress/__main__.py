"""``python -m fleet_stress``: every process of ours on a host starts here."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fleet_stress import __version__
from fleet_stress.store.errors import Damaged, unusable
from fleet_stress.store.layout import read_plan


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Files that cannot be used are one sentence, and no traceback."""
    options = _parser().parse_args(argv)
    try:
        return _run(options)
    except (OSError, Damaged) as problem:
        return unusable(options.command, problem, on_run=hasattr(options, "run_dir"))


def _run(options: argparse.Namespace) -> int:
    command = options.command
    # Imported where needed: a poll must not pay for what a supervisor needs.
    if command == "supervise":
        from fleet_stress.recovery.host_lock import Busy
        from fleet_stress.run.supervisor import Supervisor

        try:
            return Supervisor(options.run_dir).supervise()
        except Busy as busy:
            print(busy, file=sys.stderr)
            return 1
    if command == "arena":
        from fleet_stress.scenario import arena_process

        return arena_process.run(options.run_dir, options.scenario)
    if command == "watchdog":
        from fleet_stress.recovery import watchdog

        return watchdog.watch_run(options.run_dir)
    if command == "watchdog-held":
        from fleet_stress.recovery import watchdog

        return watchdog.watch_held(options.stress_dir)
    if command == "unable":
        from fleet_stress.run.capabilities import all_unable

        print(json.dumps(all_unable(read_plan(sys.stdin.read(), "standard input", "scenarios", "bot"))))
        return 0
    if command == "renew":
        from fleet_stress.recovery.manual.renew import renew

        try:
            print(json.dumps({"left": renew(options.stress_dir, options.name, options.seconds)}))
        except LookupError as problem:
            print(problem.args[0], file=sys.stderr)
            return 1
        return 0
    if command == "follow":
        from fleet_stress.run import follow

        return follow.follow(options.run_dir, options.offset, options.wait, options.steps)
    if command == "archive":
        from fleet_stress.run import archive

        print(archive.archive(options.run_dir))
        return 0
    if command == "collected":
        (options.run_dir / "collected").touch()
        return 0
    if command == "leftovers":
        from fleet_stress.run.leftovers import leftovers

        try:
            print(json.dumps(leftovers(options.stress_dir, options.user)))
        except KeyError:
            print(f"there is no user {options.user!r} on this host: run the provision stage", file=sys.stderr)
            return 1
        return 0
    from fleet_stress.recovery import recover

    if command == "recover":
        print(json.dumps(recover.recover(options.stress_dir)))
    else:
        print(json.dumps(recover.tidy(options.stress_dir, options.keep)))
    return 0


def _absolute(path: str) -> Path:
    return Path(path).absolute()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fleet-stress", description=__doc__)
    parser.add_argument("--version", action="version", version=f"fleet-stress {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)

    def on_run(name: str, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about)
        command.add_argument("run_dir", type=_absolute)
        return command

    on_run("supervise", "run a plan to its end")
    on_run("watchdog", "undo a run whose supervisor dies or whose lease runs out")
    on_run("arena", "run one scenario of a run").add_argument("scenario")
    follow = on_run("follow", "print news of a run")
    follow.add_argument("--offset", type=int, default=0)
    follow.add_argument("--wait", type=float, default=0.0)
    follow.add_argument("--steps", type=float, help="tell of steps too, gathered for so many seconds")
    on_run("archive", "pack a run's result and evidence")
    on_run("collected", "remember that a run's result was fetched")
    commands.add_parser("unable", help="which scenarios of the plan on standard input this host would skip")
    for name, about in (
        ("recover", "undo what dead runs left"),
        ("tidy", "remove old runs and working folders"),
        ("leftovers", "look for what should not be there"),
        ("renew", "let what is held by hand stand for some more time"),
        ("watchdog-held", "undo what is held by hand when its lease runs out"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--stress-dir", type=_absolute, required=True)
        if name == "tidy":
            command.add_argument("--keep", type=int, default=1)
        if name == "renew":
            command.add_argument("--name", required=True)
            command.add_argument("--seconds", type=float, required=True)
        if name == "leftovers":
            command.add_argument("--user", required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
