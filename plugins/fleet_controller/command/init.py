"""``fleet-stress init``: a bot profile from a look at a folder, and from a watched start on a host, by ``stress.yml``.

Nothing of the bot is run here or by root: it starts in an arena on a host that may be stressed, as the bots' user,
bounded in time, size and processes, in a network with nothing but itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.scenarios import WATCHED_START
from fleet_controller.command import playbooks
from fleet_controller.drafting import seen as seen_of
from fleet_controller.drafting.bot_folder import look_into
from fleet_controller.drafting.commented_yaml import text_of
from fleet_controller.drafting.draft import Draft, refined
from fleet_controller.drafting.guesses import Guess, guess, in_state_folder
from fleet_controller.drafting.watched import Watched
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import plain
from fleet_controller.planning.compile_command import compile_command

#: So often it is watched at most: as guessed, where it writes, and with what is in its databases.
_MOST_WATCHES = 3
_LAST_LINES = 15


class Request(NamedTuple):
    """What was typed."""

    folder: str
    name: str = ""
    start: str = ""
    environment: Sequence[str] = ()
    to: str = ""
    force: bool = False
    slow: bool = False
    inventories: Sequence[str] = ()
    limit: str = ""
    extra: Sequence[str] = ()
    verbatim: Sequence[str] = ()


def init(request: Request) -> int:
    """Write the profile and say what is left to fill in. Raises UserError."""
    project = Project()
    folder = project.of_caller(request.folder)
    if not folder.is_dir():
        raise UserError(
            f"there is no folder {folder}", "init", "the bot is looked at there", "name the bot's folder"
        )
    name = request.name or _name(folder)
    target = project.of_caller(request.to) if request.to else project.root / f"bots/{name}.yml"
    if target.exists() and not request.force:
        do = "replace it by --force, or choose another --name or --to"
        raise UserError(f"{target} is there already", "init", "nothing that you have written is replaced", do)
    guessed = guess(
        look_into(folder), target.stem, request.start, playbooks.variables(request.environment, "--env")
    )
    print(f"How it is started: {' '.join(guessed.profile['argv'])}")
    draft = watch_until_known(project, request, guessed)
    text = text_of(draft.entries, _head(request))
    tried = _work(project, target.stem) / f"{target.stem}.yml"
    tried.write_text(text, encoding="utf-8")
    load_bot(project, str(tried))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    _say(project, target, draft)
    return 0


def _name(folder: Path) -> str:
    found = re.sub(r"[^a-z0-9_]+", "_", folder.name.lower()).strip("_")[:40] or "bot"
    return found if found[0].isalpha() else f"bot_{found}"


def watch_until_known(project: Project, request: Request, guessed: Guess) -> Draft:
    """Watch it as guessed; once more where it writes, and once more for what is in its databases."""
    elsewhere = asked_databases = False
    for number in range(1, _MOST_WATCHES + 1):
        print(f"Watching it ({number}) …", flush=True)
        watched = watch(project, request, guessed.profile)
        try:
            refuse_early_end(watched, guessed)
            seen = seen_of.look(watched)
            draft = Draft(guessed, watched, seen)
        except (
            KeyError,
            IndexError,
            TypeError,
            ValueError,
            AttributeError,
        ) as problem:  # a host may send anything
            why, do = (
                f"{type(problem).__name__}: {problem}",
                "look at that file, and report it if the host is yours",
            )
            raise UserError(
                "what was seen of the bot makes no sense", str(watched.folder / "evidence.json"), why, do
            ) from problem
        if (
            not elsewhere
            and not guessed.takes_state_folder
            and any(path.startswith("bot/") for path in seen.outside)
        ):
            elsewhere, guessed = True, guessed._replace(profile=in_state_folder(guessed.profile))
        elif not asked_databases and any(file.format == "sqlite" for file in seen.files):
            asked_databases, guessed = True, guessed._replace(profile=refined(guessed, draft))
        else:
            break
    return draft


def _work(project: Project, name: str) -> Path:
    return project.root / ".cache/init" / name


def watch(project: Project, request: Request, profile: dict[str, Any]) -> Watched:
    """Run the scenario ``watched_start`` with a profile. Raises UserError."""
    work = _work(project, profile["name"])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    written = work / f"{profile['name']}.yml"
    written.write_text(yaml.safe_dump(profile, sort_keys=False), encoding="utf-8")
    variables = {
        "bot": str(written),
        "bot_source": profile["source"],
        "scenarios": WATCHED_START,
        "profile": "standard" if request.slow else "smoke",
        "stress_results_dir": str(work / "results"),
        "earlier": "none",
        **playbooks.variables(request.extra, "-e"),
    }
    argv = playbooks.argv(
        "stress.yml",
        variables,
        inventories=request.inventories,
        limit=request.limit,
        verbatim=request.verbatim,
    )
    with (work / "ansible.log").open("w") as log:
        done = subprocess.run(
            argv,
            cwd=project.root,
            env=playbooks.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    found = sorted((work / "results").glob(f"*/hosts/*/evidence/{WATCHED_START}"))
    try:
        return Watched(found[0])
    except (IndexError, OSError, ValueError, KeyError):
        said = [
            plain(line)
            for line in (work / "ansible.log").read_text("utf-8", "replace").splitlines()
            if line.strip()
        ]
        tail = "\n".join(said[-_LAST_LINES:])
        raise UserError(
            f"the bot could not be watched; ansible-playbook ended with {done.returncode}",
            str(work / "ansible.log"),
            f"it says:\n{tail}",
            "correct what it names, and try again",
        ) from None


def refuse_early_end(watched: Watched, guessed: Guess) -> None:
    """A bot that does not even run for some seconds shows nothing. Raises UserError with what it said."""
    if len(watched.starts) != 1 or not watched.starts[0]["exit"] or watched.starts[0]["signals"]:
        return
    start = watched.starts[0]
    ended = start["exit"]
    how = f"exit code {ended['code']}" if ended.get("code") is not None else f"signal {ended.get('signal')}"
    lines = [
        line
        for name in ("stdout", "stderr")
        for line in watched.output(start, name).splitlines()
        if line.strip()
    ]
    said = "\n".join(plain(line) for line in lines[-_LAST_LINES:]) or "nothing"
    unset = ", ".join(word.name for word in guessed.unset)
    lacks = f"its source reads {unset}: set it by --env {guessed.unset[0].name}=VALUE; or " if unset else ""
    raise UserError(
        f"the bot ended by itself after {ended['at'] - start['at']:.1f} s, with {how}",
        " ".join(guessed.profile["argv"]),
        f"it said:\n{said}",
        f"{lacks}say how it is started (--start) and what it needs (--env NAME=VALUE) to run on",
    )


def _head(request: Request) -> list[str]:
    return [
        "yaml-language-server: $schema=../schemas/bot.schema.json",
        f"Written by `fleet-stress init {Path(request.folder).name}` from a look at its folder and at a watched start.",
        "FILL IN: it could not be seen. CHECK: it was concluded, not proved. See docs/write-a-bot-profile.md.",
    ]


def _say(project: Project, target: Path, draft: Draft) -> None:
    compiled = compile_command(str(target), "smoke", None, project=project).scenarios
    runs = sum(scenario["skip"] is None for scenario in compiled)
    print(f"\nWrote {target}: {runs} of {len(compiled)} rows would run.")
    for point in draft.open_points:
        print(f"  FILL IN: {plain(point)}")
    known = target.parent == project.root / "bots"
    shown = target.stem if known else target
    print(f"\nNext: fleet-stress run --bot {shown} sigterm\nThen: fleet-stress run --bot {shown}")
