"""The one door to what differs between systems. Each function is the same promise on every system.

``linux/`` and ``darwin/`` have modules of the same names; this is the only place that chooses. Imports store.
"""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    from fleet_stress.system.darwin import descriptors as _descriptors
    from fleet_stress.system.darwin import kernel as _kernel
    from fleet_stress.system.darwin import memory as _memory
    from fleet_stress.system.darwin import mounts as _mounts
    from fleet_stress.system.darwin import network as _network
    from fleet_stress.system.darwin import priority as _priority
    from fleet_stress.system.darwin import service as _service
else:
    from fleet_stress.system.linux import descriptors as _descriptors
    from fleet_stress.system.linux import kernel as _kernel
    from fleet_stress.system.linux import kernel as _memory
    from fleet_stress.system.linux import mounts as _mounts
    from fleet_stress.system.linux import network as _network
    from fleet_stress.system.linux import priority as _priority
    from fleet_stress.system.linux import service as _service

from fleet_stress.system.users import WELL, as_user, become

CLOCKS = _kernel.CLOCKS
CONTROL_GROUPS = _kernel.CONTROL_GROUPS
LOCALE = _kernel.LOCALE
SHARED = _kernel.SHARED
adopt_orphans = _kernel.adopt_orphans
boot_clock = _kernel.boot_clock
boot_id = _kernel.boot_id
by_descriptor = _kernel.by_descriptor
die_with_parent = _kernel.die_with_parent
holds_write_lock = _kernel.holds_write_lock
is_of_this_system = _kernel.is_of_this_system
private_folders = _kernel.private_folders
private_memory = _memory.private_memory
stay_awake = _kernel.stay_awake
temporary_of = _kernel.temporary_of
Writes = _kernel.Writes

SEES_DESCRIPTORS = _descriptors.SEES_DESCRIPTORS
descriptor_limit = _descriptors.descriptor_limit
descriptors = _descriptors.descriptors
leads_to = _descriptors.leads_to
limit_descriptors = _descriptors.limit_descriptors
no_descriptor_limits = _descriptors.no_descriptor_limits
end_service = _service.end_service
start_service = _service.start_service

Mounted = _mounts.Mounted
FUSE = _mounts.FUSE
PRIVATE_MOUNTS = _mounts.PRIVATE_MOUNTS
memory_available = _mounts.memory_available
memory_record = _mounts.memory_record
mount_memory = _mounts.mount_memory
mounts = _mounts.mounts
no_memory = _mounts.no_memory
no_private_memory = _mounts.no_private_memory
no_private_read_only = _mounts.no_private_read_only
show_also = _mounts.show_also
show_read_only = _mounts.show_read_only
no_such_memory = _mounts.no_such_memory
remove_memory = _mounts.remove_memory
show_itself = _mounts.show_itself
shows_itself = _mounts.shows_itself
unmount = _mounts.unmount

Priority = _priority.Priority
priorities = _priority.priorities
set_priority = _priority.set_priority
slow_down = _priority.slow_down

PACKETS_BY_USER = _network.PACKETS_BY_USER
allow_ipv6 = _network.allow_ipv6
default_link = _network.default_link
enter_network = _network.enter_network
has_ipv6 = _network.has_ipv6
in_scratch_network = _network.in_scratch_network
link_running = _network.link_running
new_network = _network.new_network
own_group = _network.own_group

__all__ = [
    "CLOCKS",
    "CONTROL_GROUPS",
    "FUSE",
    "LOCALE",
    "PACKETS_BY_USER",
    "PRIVATE_MOUNTS",
    "SEES_DESCRIPTORS",
    "SHARED",
    "WELL",
    "Mounted",
    "Priority",
    "Writes",
    "adopt_orphans",
    "allow_ipv6",
    "as_user",
    "become",
    "boot_clock",
    "boot_id",
    "by_descriptor",
    "default_link",
    "descriptor_limit",
    "descriptors",
    "die_with_parent",
    "end_service",
    "enter_network",
    "has_ipv6",
    "holds_write_lock",
    "in_scratch_network",
    "is_of_this_system",
    "leads_to",
    "limit_descriptors",
    "link_running",
    "memory_available",
    "memory_record",
    "mount_memory",
    "mounts",
    "new_network",
    "no_descriptor_limits",
    "no_memory",
    "no_private_memory",
    "no_private_read_only",
    "no_such_memory",
    "own_group",
    "priorities",
    "private_folders",
    "private_memory",
    "remove_memory",
    "set_priority",
    "show_also",
    "show_itself",
    "show_read_only",
    "shows_itself",
    "slow_down",
    "start_service",
    "stay_awake",
    "temporary_of",
    "unmount",
]
