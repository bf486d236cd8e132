"""A bot that is watched by ``stress.yml``: once, and again for what the watch before has taught."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.scenarios import WATCHED_START
from fleet_controller.command import playbooks
from fleet_controller.drafting import seen as seen_of
from fleet_controller.drafting.draft import Draft, refined
from fleet_controller.drafting.guesses import Guess, in_state_folder, in_whole_seconds
from fleet_controller.drafting.watched import Watched
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import plain

_LAST_LINES = 15
#: The first host of those that are meant: a bot need not be watched on a whole fleet.
_ONE_HOST = "1/9999"
#: What programs say of a number that they cannot read.
_NO_INTEGER = re.compile(
    r"\bint\b|integer|\bparse|invalid (?:literal|value|number)|NumberFormat", re.IGNORECASE
)
#: Of evidence that does not hold what an engine writes: a host may send anything.
_NO_SENSE = (KeyError, IndexError, TypeError, ValueError, AttributeError)


class Request(NamedTuple):
    """What was typed."""

    folder: str
    name: str = ""
    start: str = ""
    exchange: str = ""
    environment: Sequence[str] = ()
    to: str = ""
    force: bool = False
    slow: bool = False
    inventories: Sequence[str] = ()
    limit: str = ""
    extra: Sequence[str] = ()
    verbatim: Sequence[str] = ()


def watch_until_known(project: Project, request: Request, guessed: Guess) -> Draft:
    """Watch it as guessed, and again for each kind of guess that this watch has taught. Raises UserError."""
    learnt: set[str] = set()
    while True:
        print(f"Watching it ({len(learnt) + 1}) …", flush=True)
        watched = watch(project, request, guessed.profile)
        try:
            if _takes_no_half(watched, guessed) and "whole" not in learnt:
                learnt.add("whole")
                guessed = guessed._replace(profile=in_whole_seconds(guessed.profile))
                continue
            refuse_early_end(watched, guessed)
            seen = seen_of.look(watched)
            draft = Draft(guessed, watched, seen)
        except _NO_SENSE as problem:
            why = f"{type(problem).__name__}: {problem}"
            where, do = (
                str(watched.folder / "evidence.json"),
                "look at that file, and report it if the host is yours",
            )
            raise UserError("what was seen of the bot makes no sense", where, why, do) from problem
        in_copy = any(path.startswith("bot/") for path in seen.outside)
        if in_copy and "place" not in learnt and not guessed.takes_state_folder:
            learnt.add("place")
            guessed = guessed._replace(profile=in_state_folder(guessed.profile))
        elif any(file.format == "sqlite" for file in seen.files) and "numbers" not in learnt:
            learnt.add("numbers")
            guessed = guessed._replace(profile=refined(guessed, draft))
        else:
            return draft


def work_folder(project: Project, name: str) -> Path:
    """What is needed while a bot of that name is watched."""
    return project.root / ".cache/init" / name


def watch(project: Project, request: Request, profile: dict[str, Any]) -> Watched:
    """Run the scenario ``watched_start`` with a profile. Raises UserError."""
    work = work_folder(project, profile["name"])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    written = work / f"{profile['name']}.yml"
    written.write_text(yaml.safe_dump(profile, sort_keys=False), encoding="utf-8")
    ours = {
        "bot": str(written),
        "bot_source": profile["source"],
        "scenarios": WATCHED_START,
        "profile": "standard" if request.slow else "smoke",
        "stress_results_dir": str(work / "results"),
        "earlier": "none",
        "slice": _ONE_HOST,
        "stress_pack_evidence": "false",
    }
    argv = playbooks.argv(
        "stress.yml",
        playbooks.variables(request.extra, "-e"),
        inventories=request.inventories,
        limit=request.limit,
        verbatim=request.verbatim,
    )
    # Last: the evidence is read where this command put it, whatever else was typed.
    argv += playbooks.extras(ours)
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


def ended_early(watched: Watched) -> bool:
    """Whether its first start ended by itself, so that nothing was seen of it."""
    starts = watched.starts
    return len(starts) == 1 and bool(starts[0]["exit"]) and not starts[0]["signals"]


def _takes_no_half(watched: Watched, guessed: Guess) -> bool:
    """Whether it seems to have ended because it was told half a second."""
    if "scan_interval" not in guessed.settings or not ended_early(watched):
        return False
    said = watched.output(watched.starts[0], "stderr") + watched.output(watched.starts[0], "stdout")
    return _NO_INTEGER.search(said) is not None


def refuse_early_end(watched: Watched, guessed: Guess) -> None:
    """A bot that does not even run for some seconds shows nothing. Raises UserError with what it said."""
    if not ended_early(watched):
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
