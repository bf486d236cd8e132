"""The one door to what differs between systems. Each function is the same promise on every system.

``linux.py`` and ``darwin.py`` stand side by side; this is the only place that chooses.
"""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    from fleet_stress.host import darwin as _system
else:
    from fleet_stress.host import linux as _system

adopt_orphans = _system.adopt_orphans
die_with_parent = _system.die_with_parent
private_folders = _system.private_folders
Writes = _system.Writes

__all__ = ["Writes", "adopt_orphans", "die_with_parent", "private_folders"]
