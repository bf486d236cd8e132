"""What to change in a bot, for each check that can fail: read from ``remedies.yml``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from fleet_stress.judge.check_list import HELD

_FILE = Path(__file__).with_name("remedies.yml")


@functools.cache
def remedies() -> dict[str, dict[str, str]]:
    """By check: ``fix`` (a paragraph), ``link`` (an address), and maybe ``doc`` (a place in this project)."""
    found: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


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
