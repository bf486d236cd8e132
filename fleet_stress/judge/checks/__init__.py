"""The checks, one file each: evidence in, findings out. Each subclass of ``Check`` below this folder is one.

Nothing lists them: a new check is a new file. Imports judge.case, judge.roles, judge.readings and store.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.discovery import subclasses_in


def discovered() -> Iterator[Check]:
    """All checks below this folder."""
    for kind in subclasses_in(__path__, __name__, Check):
        yield kind()


CHECKS: dict[str, Check] = {check.name: check for check in sorted(discovered(), key=lambda check: check.name)}

__all__ = ["CHECKS"]
