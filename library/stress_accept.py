"""Documents the action plugin ``stress_accept``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_accept
short_description: Accept what a run found
version_added: "0.1.0"
description:
  - Writes the list of known findings of a bot, C(BOT.known.yml) beside its profile. What failed in the run, or was not
    proved, is added; what the list names and the run no longer found is removed. Other entries stay as they are.
  - Later runs call these findings C(known), and do not fail because of them.
  - Use it with C(run_once).
attributes:
  check_mode: {description: Says what it would write and writes nothing.}
  diff_mode: {description: Shows the lines of the file that change.}
extends_documentation_fragment: [stress.controller, stress.stored_run]
"""

EXAMPLES = r"""
- name: Accept what the newest run found
  stress_accept:
    run_id: latest
  run_once: true
"""

RETURN = r"""
file:
  description: The file with the known findings.
  returned: success
  type: str
  sample: /srv/bots/my_bot.known.yml
added:
  description: How many findings were added, or found in more rows.
  returned: success
  type: int
  sample: 3
removed:
  description: How many findings are no longer found, in some or all of their rows, and were removed there.
  returned: success
  type: int
  sample: 1
left:
  description: What cannot be accepted, such as errors of hosts and expired findings. Later runs fail because of it.
  returned: success
  type: list
  elements: str
  sample: []
"""
