#!/usr/bin/python
"""Remove from a host the folder that is ours: nothing runs there meanwhile, and nothing begins."""

# It runs with the host's own Python, because the engine lies in what it removes.

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_purge
short_description: Remove the stress folder of a host with all that is in it
version_added: "0.1.0"
description:
  - Removes the folder, only if it carries our marker. It holds the host's lock meanwhile, so it fails where a run is
    alive, or a plan is being handed over, and no run begins before it has ended.
  - Fails, and removes nothing, while something is held by hand, halted or mounted there.
  - The marker goes last. After a death in the middle the folder is still ours, and the same call goes on.
options:
  stress_dir:
    description: The stress folder of the host.
    type: path
    required: true
attributes:
  check_mode: {description: Fails where it would, and removes nothing.}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Remove everything of ours
  stress_purge:
    stress_dir: /var/lib/fleet-stress
"""

RETURN = r"""
stress_dir:
  description: The folder that was removed, or was not there.
  type: str
  returned: always
  sample: /var/lib/fleet-stress
"""

import os
from contextlib import ExitStack
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.fleet_stress.store.bare_python.flat_removal import remove_flat
from ansible.module_utils.fleet_stress.store.bare_python.halt_record import halted
from ansible.module_utils.fleet_stress.store.bare_python.lock_holder import (
    HOST_LOCK,
    MOVE_LOCK,
    Busy,
    FileLock,
)
from ansible.module_utils.fleet_stress.store.bare_python.marks import MARKER
from ansible.module_utils.stress_host.contents import mounts_below
from ansible.module_utils.stress_host.folder import is_ours

#: Seconds to wait for who is about to end: a recovery, a hand-over, a supervisor whose result is there.
_WITHIN = 20.0


class NotRemoved(Exception):
    """Something lives there; the message says what."""


def purge(stress_dir: Path, *, look_only: bool = False) -> bool:
    """Remove the folder; False: it is not there. Raises NotRemoved and OSError."""
    if not os.path.lexists(stress_dir):
        return False
    if not is_ours(stress_dir):
        raise NotRemoved("it carries no marker of ours")
    about = {"doing": "removing all of fleet-stress from this host"}
    try:
        with ExitStack() as held:
            for name in (MOVE_LOCK, HOST_LOCK):
                held.enter_context(FileLock(stress_dir / name, about, _WITHIN))
            _refuse_life(stress_dir)
            if not look_only:
                _remove(stress_dir)
    except Busy as busy:
        raise NotRemoved(str(busy)) from busy
    return True


def _refuse_life(stress_dir: Path) -> None:
    """Looked at under the lock: it may have begun since anybody looked before. Raises NotRemoved."""
    leases = stress_dir / "by_hand/leases"
    lives = [f"held by hand there: {lease.stem}" for lease in sorted(leases.glob("*.json"))]
    lives += [f"mounted there: {point}" for point in mounts_below(str(stress_dir))]
    halt = halted(stress_dir)
    lives += [f"halted because of: {halt['reason']}"] if halt else []
    if lives:
        raise NotRemoved("; ".join(lives))


def _remove(stress_dir: Path) -> None:
    last = [stress_dir / name for name in (MOVE_LOCK, HOST_LOCK, MARKER)]
    for path in (*(path for path in stress_dir.iterdir() if path not in last), *last):
        remove_flat(path)
    stress_dir.rmdir()


def main() -> None:
    """Remove, and answer."""
    module = AnsibleModule(
        argument_spec={"stress_dir": {"type": "path", "required": True}}, supports_check_mode=True
    )
    stress_dir = Path(os.path.realpath(module.params["stress_dir"]))
    try:
        changed = purge(stress_dir, look_only=module.check_mode)
        module.exit_json(changed=changed, stress_dir=str(stress_dir))
    except (NotRemoved, OSError) as problem:
        module.fail_json(
            msg=f"{stress_dir} was not removed: {problem}. Wait for what runs there, or end it"
            " (playbooks/recover.yml -e recover=force), or release the host (playbooks/halt.yml -e release=true);"
            " then purge again"
        )


if __name__ == "__main__":
    main()
