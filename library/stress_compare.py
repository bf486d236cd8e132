"""Documents the action plugin ``stress_compare``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_compare
short_description: Compare two versions of a bot row by row
version_added: "0.1.0"
description:
  - Compares the results of two finished runs of the same bot, profile and scenarios, host by host and row by row,
    shows a table, and writes C(compare.json) (C(schemas/compare.schema.json)) into the folder of the new run.
  - Only V(passed) and V(failed) are results of a bot. A row that proved nothing in one of the runs cannot be
    compared, and is listed as such.
  - The task fails when a row got worse, and when not a single row could be compared.
  - With O(check_only) it only validates the request, before anything runs. C(playbooks/compare.yml) does both.
  - Needs no connection. Use it with C(run_once).
options:
  old_run:
    description: The run of the old version, by its id in O(results_dir), V(latest), or its folder.
    type: str
  new_run:
    description: The run of the new version, likewise.
    type: str
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
  check_only:
    description:
      - Only validate. If runs are named, they are read and must be comparable; otherwise O(old) and O(new) must name
        two versions.
    type: bool
    default: false
  old:
    description: Where the old version is, as C(bot_source). Optional with O(old_ref).
    type: str
    default: ""
  new:
    description: Where the new version is, likewise.
    type: str
    default: ""
  old_ref:
    description: Branch, tag or commit of the old version, of a git address.
    type: str
    default: ""
  new_ref:
    description: The same for the new version.
    type: str
    default: ""
  bot:
    description: Name of a bot profile in C(bots/), or a path to one.
    type: str
    default: reference
  profile:
    description: The intensity, a profile in C(profiles/).
    type: str
    default: smoke
  scenarios:
    description: Which scenarios, as for M(stress_compile).
    type: raw
    default: all
  allow_commands:
    description: Whether scenarios may run commands of their own.
    type: bool
    default: false
attributes:
  check_mode: {description: Shows the table and writes nothing.}
  diff_mode: {description: The comparison itself is the difference.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Compare two runs
  stress_compare:
    old_run: 20261124-141200-ab12cd
    new_run: latest
  run_once: true

- name: Validate the request before a host is touched
  stress_compare:
    old: /srv/bot-1.4
    new: /srv/bot-1.5
    check_only: true
  run_once: true
"""

RETURN = r"""
comparison:
  description: The written C(compare.json).
  type: path
  returned: when two runs were compared
  sample: results/20261124-142000-cd34ef/compare.json
counts:
  description: Number of rows that are V(worse), V(better), unchanged (V(stayed)) or not comparable (V(not_compared)).
  type: dict
  returned: when two runs were compared
  sample: {"worse": 1, "not_compared": 0, "better": 2, "stayed": 30}
"""
