"""The checks: one file each, evidence in, findings out. A module here that has a ``CHECK`` is one; nothing lists them.

Imports judge.case, judge.readings and store.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from fleet_stress.judge.checks.protocol import Check


def _found() -> Iterator[Check]:
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        check = getattr(importlib.import_module(module.name), "CHECK", None)
        if check is not None:
            yield check


CHECKS: dict[str, Check] = {check.name: check for check in sorted(_found(), key=lambda check: check.name)}

__all__ = ["CHECKS"]
