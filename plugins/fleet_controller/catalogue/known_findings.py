"""The known findings of a bot: what is accepted for now, from the file ``BOT.known.yml`` beside its profile."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.catalogue import schema
from fleet_controller.catalogue.located_yaml import At, Document, read
from fleet_controller.catalogue.project import KNOWN_SUFFIX, Project
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.messages.errors import Problem, Problems, did_you_mean, listed
from fleet_stress.judge.check_list import VISIT
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

#: Of findings that no check gives.
OURS = (STEPS, FAULT, VISIT)
_KEYS = ("check", "subject", "rows", "verdict", "strict", "reason", "seen", "link", "expires")
_DEFAULTS = {"seen": None, "link": None, "expires": None, "verdict": FAILED, "strict": True}


def known_path(profile: Path) -> Path:
    """Where the known findings of a bot stand: beside its profile."""
    return profile.with_name(f"{profile.stem}{KNOWN_SUFFIX}")


def load_known(
    project: Project, profile: Path, rows: Mapping[str, str], checks: Collection[str]
) -> dict[str, Any] | None:
    """The file and its entries, with every key; None where there is no file.

    Args:
        project: Paths are shown relative to it.
        profile: The bot profile.
        rows: Rows by id of their scenario, of the whole catalogue. An entry has ``scenarios`` beside its rows.
        checks: Names of all checks.

    Raises:
        UserError: The file is not what it should be.
    """
    path = known_path(profile)
    if not path.exists():
        return None
    document = read(path, project.shown(path))
    problems = Problems()
    problems.found.extend(complaints(document, document.value, schema.stored("known")))
    problems.raise_any()
    entries = []
    for number, written in enumerate(document.value["known"]):
        problems.found.extend(_mistakes(document, number, written, rows, checks))
        chosen = [name for word in written["rows"] for name, row in rows.items() if word in (row, name)]
        entry = {**_DEFAULTS, **written, "scenarios": list(dict.fromkeys(chosen))}
        # What proved nothing this time may prove something the next: that is no reason to fail.
        entry["strict"] = entry["strict"] and entry["verdict"] != NOT_EXERCISED
        entries.append(entry)
    problems.raise_any()
    return {"file": document.shown, "entries": entries}


def in_yaml(name: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """The file with these entries, as a person would write it; what is usual is left out. ``name``: of the bot."""
    lines = [
        f"# Known findings of {name}: accepted for now, so that only new ones make a run fail (docs/verdicts.md).",
        "# `make accept` writes this file again and keeps no comments: write what there is to say into `reason`.",
        "---",
        "known:",
    ]
    for entry in entries:
        mark = "-"
        never_strict = entry["verdict"] == NOT_EXERCISED
        for key in _KEYS:
            usual = _DEFAULTS.get(key, ...)
            if key in entry and entry[key] != usual and not (key == "strict" and never_strict):
                # JSON's texts are YAML's texts in double quotes.
                lines.append(f"  {mark} {key}: {json.dumps(entry[key], ensure_ascii=False)}")
                mark = " "
    return "\n".join([*lines[:-1], lines[-1] if lines[-1] != "known:" else "known: []"]) + "\n"


def _mistakes(
    document: Document,
    number: int,
    entry: Mapping[str, Any],
    rows: Mapping[str, str],
    checks: Collection[str],
) -> Iterator[Problem]:
    """What no schema can see."""
    at: At = ("known", number)
    known = [*checks, *OURS]
    if entry["check"] not in known:
        do = did_you_mean(entry["check"], known, "use one of these: make list LIST=checks")
        there = f"there is: {listed(known)}"
        yield Problem(f"unknown check `{entry['check']}`", document.where((*at, "check")), there, do)
    words = sorted({*rows.values(), *rows})
    for index, word in enumerate(entry["rows"]):
        if word not in words:
            do = did_you_mean(word, words, "use a row or a scenario: make list")
            where = document.where((*at, "rows", index))
            yield Problem(f"unknown row `{word}`", where, "the catalogue has no such row or scenario", do)
    try:
        datetime.date.fromisoformat(entry.get("expires", "2000-01-01"))
    except ValueError:
        where = document.where((*at, "expires"))
        why = "there is no such day in the calendar"
        yield Problem(f"`{entry['expires']}` is no day", where, why, "correct it")
