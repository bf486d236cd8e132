"""The checks, one file each: evidence in, findings out. Each subclass of ``Check`` below this folder is one.

Nothing lists them: a new check is a new file. Imports judge.case, judge.roles, judge.readings and store.
"""

from __future__ import annotations

from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.discovery import PlugIns

CHECKS: PlugIns[Check] = PlugIns(__path__, __name__, Check, lambda kind: kind())

__all__ = ["CHECKS"]
