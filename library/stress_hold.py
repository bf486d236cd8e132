"""Documents the action plugin ``stress_hold``."""

DOCUMENTATION = r"""
module: stress_hold
short_description: Hold one fault open on a host for as long as somebody watches
version_added: "0.1.0"
description:
  - Makes a fault stand with M(network_block) or M(ram_volume) and a lease of seconds, renews the lease while
    ansible-playbook lives, and takes the fault away when its time is over or at Ctrl-C.
  - When the controller is killed, or its link is cut, nobody renews any more, and the watchdog on the host takes the
    fault away within the lease. A link that comes back later finds that said.
options:
  fault: {description: "V(network_block) or V(ram_volume).", type: str, required: true}
  for: {description: "For how long: V(30s), V(10m), V(2h); 24 hours at most.", type: str, required: true}
  "on":
    description:
      - "Of V(network_block): V(bot) (whoever bots run as), V(user:NAME) or V(cgroup:/PATH). Of V(ram_volume): an
        empty folder."
    type: str
    default: bot
  against:
    description: Hosts that are blocked, separated by commas; all that the bot's profile names by default.
    type: str
  how: {description: "V(drop) or V(reject).", type: str, default: drop}
  size: {description: "Of the volume: V(20MB).", type: str}
  owner: {description: Of the volume., type: str, default: root}
  bot: {description: The bot's profile., type: str}
  stress_dir: {description: The folder on the host that is ours., type: path}
  user: {description: The user that bots run as., type: str}
  engine_python: {description: The engine's interpreter on the host., type: path}
  check_only: {description: Only checks what was asked for; connects to nobody., type: bool, default: false}
attributes:
  check_mode: {description: "Says what would change, and holds nothing."}
  diff_mode: {description: What stands is gone when the task ends.}
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
seconds: {description: How long it stood., returned: always, type: float, sample: 600.4}
fault: {description: What was held., returned: success, type: str, sample: network_block}
"""
