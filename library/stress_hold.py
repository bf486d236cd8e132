"""Documents the action plugin ``stress_hold``."""

DOCUMENTATION = r"""
module: stress_hold
short_description: Hold one fault on a host while this task runs
version_added: "0.1.0"
description:
  - Applies a fault with M(network_block) or M(ram_volume) and a lease of some seconds, renews the lease while
    ansible-playbook runs, and removes the fault when its time is over or at Ctrl-C.
  - When the controller is killed, or its link is cut, the lease is not renewed, and the watchdog on the host removes
    the fault within the lease. If the link comes back later, the task reports that.
options:
  fault: {description: "V(network_block) or V(ram_volume).", type: str, required: true}
  for: {description: "Duration: V(30s), V(10m), V(2h); 24 hours at most.", type: str, required: true}
  "on":
    description:
      - "For V(network_block): V(bot) (the bots' user), V(user:NAME) or V(cgroup:/PATH). For V(ram_volume): an
        empty folder."
    type: str
    default: bot
  against:
    description: Hosts to block, separated by commas; by default all hosts that the bot's profile names.
    type: str
  how: {description: "V(drop) or V(reject).", type: str, default: drop}
  size: {description: "Of the volume: V(20MB).", type: str}
  owner: {description: Of the volume., type: str, default: root}
  bot: {description: The bot's profile., type: str}
  stress_dir: {description: The stress folder of the host., type: path}
  user: {description: The user that bots run as., type: str}
  engine_python: {description: The engine's interpreter on the host., type: path}
  check_only: {description: Only validate the request, without a connection., type: bool, default: false}
attributes:
  check_mode: {description: "Says what would change, and holds nothing."}
  diff_mode: {description: The fault is removed when the task ends.}
extends_documentation_fragment: [stress.linux]
"""

EXAMPLES = r"""
- name: Keep the bots from their exchange for ten minutes
  stress_hold:
    fault: network_block
    for: 10m
    "on": bot
    stress_dir: /var/lib/fleet-stress
    user: fleet-stress
    engine_python: /var/lib/fleet-stress/engine/current/bin/python
  become: true
"""

RETURN = r"""
seconds: {description: How long the fault was active., returned: always, type: float, sample: 600.4}
fault: {description: The fault that was held., returned: success, type: str, sample: network_block}
"""
