"""The one door to what differs between systems. Each function is the same promise on every system.

``linux.py`` and ``darwin.py`` stand side by side; this is the only place that chooses.
"""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    from fleet_stress.host import darwin as _system
    from fleet_stress.host import darwin_memory as _memory
    from fleet_stress.host import darwin_mounts as _mounts
    from fleet_stress.host import darwin_network as _network
    from fleet_stress.host import darwin_priority as _priority
    from fleet_stress.host import darwin_service as _service
else:
    from fleet_stress.host import linux as _memory
    from fleet_stress.host import linux as _system
    from fleet_stress.host import linux_mounts as _mounts
    from fleet_stress.host import linux_network as _network
    from fleet_stress.host import linux_priority as _priority
    from fleet_stress.host import linux_service as _service

LOCALE = _system.LOCALE
SHARED = _system.SHARED
adopt_orphans = _system.adopt_orphans
boot_clock = _system.boot_clock
boot_id = _system.boot_id
by_descriptor = _system.by_descriptor
die_with_parent = _system.die_with_parent
holds_write_lock = _system.holds_write_lock
is_of_this_system = _system.is_of_this_system
private_folders = _system.private_folders
private_memory = _memory.private_memory
stay_awake = _system.stay_awake
temporary_of = _system.temporary_of
Writes = _system.Writes

end_service = _service.end_service
start_service = _service.start_service

Mounted = _mounts.Mounted
memory_available = _mounts.memory_available
mount_memory = _mounts.mount_memory
mounts = _mounts.mounts
no_private_memory = _mounts.no_private_memory
show_also = _mounts.show_also
unmount = _mounts.unmount

Priority = _priority.Priority
priorities = _priority.priorities
set_priority = _priority.set_priority
slow_down = _priority.slow_down

allow_ipv6 = _network.allow_ipv6
default_link = _network.default_link
enter_network = _network.enter_network
has_ipv6 = _network.has_ipv6
in_scratch_network = _network.in_scratch_network
link_running = _network.link_running
new_network = _network.new_network
own_group = _network.own_group

__all__ = [
    "LOCALE",
    "SHARED",
    "Mounted",
    "Priority",
    "Writes",
    "adopt_orphans",
    "allow_ipv6",
    "boot_clock",
    "boot_id",
    "by_descriptor",
    "default_link",
    "die_with_parent",
    "end_service",
    "enter_network",
    "has_ipv6",
    "holds_write_lock",
    "in_scratch_network",
    "is_of_this_system",
    "link_running",
    "memory_available",
    "mount_memory",
    "mounts",
    "new_network",
    "no_private_memory",
    "own_group",
    "priorities",
    "private_folders",
    "private_memory",
    "set_priority",
    "show_also",
    "slow_down",
    "start_service",
    "stay_awake",
    "temporary_of",
    "unmount",
]
