"""The one door to what differs between systems: each function keeps the same promise on every system.

``linux/`` and ``darwin/`` have the same modules, each with the same ``__all__``; this is the only place that chooses.
Imports store.
"""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    from fleet_stress.system.darwin.descriptors import *
    from fleet_stress.system.darwin.distribution import *
    from fleet_stress.system.darwin.environments import *
    from fleet_stress.system.darwin.ipc import *
    from fleet_stress.system.darwin.kernel import *
    from fleet_stress.system.darwin.listening import *
    from fleet_stress.system.darwin.memory import *
    from fleet_stress.system.darwin.mounts import *
    from fleet_stress.system.darwin.named_mounts import *
    from fleet_stress.system.darwin.network import *
    from fleet_stress.system.darwin.own_disks import *
    from fleet_stress.system.darwin.own_network import *
    from fleet_stress.system.darwin.priority import *
    from fleet_stress.system.darwin.process_start import *
    from fleet_stress.system.darwin.service import *
    from fleet_stress.system.darwin.shared import *
    from fleet_stress.system.darwin.tasks import *
else:
    from fleet_stress.system.linux.descriptors import *
    from fleet_stress.system.linux.distribution import *
    from fleet_stress.system.linux.environments import *
    from fleet_stress.system.linux.ipc import *
    from fleet_stress.system.linux.kernel import *
    from fleet_stress.system.linux.listening import *
    from fleet_stress.system.linux.memory import *
    from fleet_stress.system.linux.mounts import *
    from fleet_stress.system.linux.named_mounts import *
    from fleet_stress.system.linux.network import *
    from fleet_stress.system.linux.own_disks import *
    from fleet_stress.system.linux.own_network import *
    from fleet_stress.system.linux.priority import *
    from fleet_stress.system.linux.process_start import *
    from fleet_stress.system.linux.service import *
    from fleet_stress.system.linux.shared import *
    from fleet_stress.system.linux.tasks import *

from fleet_stress.system.memory import Memory as Memory
from fleet_stress.system.memory import Pages as Pages
from fleet_stress.system.users import *
