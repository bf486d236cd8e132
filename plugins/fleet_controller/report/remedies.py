"""What to change in a bot, for each check that can fail: read from ``remedies.yml``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from fleet_stress.judge.check_list import HELD
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

#: What they say is about the run, and so is their remedy.
NOT_OF_THE_BOT = ("fault", "killed_in_write", "limits", "steps")
_FILE = Path(__file__).with_name("remedies.yml")


@functools.cache
def remedies() -> dict[str, dict[str, str]]:
    """By check: ``fix`` (a paragraph), ``link`` (an address), and ``doc`` (a place in this project, or "")."""
    found: dict[str, dict[str, str]] = yaml.load(_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {check: {"doc": "", **remedy} for check, remedy in found.items()}


def remedies_of(checks: Iterable[Any]) -> dict[str, dict[str, str]]:
    """Those of these checks that have one."""
    known = remedies()
    return {check: known[check] for check in sorted({str(check) for check in checks} & known.keys())}


def looked_at(results: Mapping[str, Any]) -> Iterator[str]:
    """The checks that found something, or proved nothing, anywhere in a run."""
    for host in results["hosts"].values():
        for entry in host["scenarios"]:
            for finding in (*entry["findings"], *entry["known_from_baseline"], *entry.get("known", ())):
                yield str(finding["check"])
            for check in entry.get("checks", ()):
                if check["state"] != HELD:
                    yield str(check["check"])


def remedy_of(check: str, verdict: str) -> dict[str, str] | None:
    """What to do about a finding of this verdict; of a bot's code only where it is to blame. None: nothing is known."""
    if verdict == FAILED or (verdict == NOT_EXERCISED and check in NOT_OF_THE_BOT):
        return remedies().get(check)
    return None
