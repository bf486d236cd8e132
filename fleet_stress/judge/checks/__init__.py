"""The checks, one file each: evidence in, findings out. Each subclass of ``Check`` below this folder is one.

Nothing lists them: a new check is a new file. Imports judge.case, judge.roles, judge.readings and store.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABCMeta
from collections.abc import Iterator

from fleet_stress.judge.checks.protocol import Check


def discovered() -> Iterator[Check]:
    """All checks below this folder."""
    for entry in pkgutil.walk_packages(__path__, f"{__name__}."):
        module = importlib.import_module(entry.name)
        for item in vars(module).values():
            # Before Python 3.11 inspect.isclass says yes to Mapping[str, Any], which issubclass refuses.
            own = issubclass(type(item), ABCMeta) and item.__module__ == entry.name
            if own and issubclass(item, Check) and not inspect.isabstract(item):
                yield item()


CHECKS: dict[str, Check] = {check.name: check for check in sorted(discovered(), key=lambda check: check.name)}

__all__ = ["CHECKS"]
