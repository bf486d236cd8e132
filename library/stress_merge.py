"""Documents the action plugin ``stress_merge``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_merge
short_description: Merge the results of several controllers into one run
version_added: "0.1.0"
description:
  - Merges finished runs of the same command on different hosts (slices of an inventory) into one run, with all
    results and evidence. It can be reported (M(stress_report)) or judged again like any other run.
  - The runs may come from elsewhere and are validated first. It refuses runs that are unfinished or damaged, runs of
    another bot, source, profile, version or other scenarios, a host that is in two of them, and evidence other than
    regular files of a bounded size.
  - The id of the merged run is derived from the merged runs, so that a second merge of the same runs changes nothing.
    The runs themselves are not changed; on the same disk, evidence is linked instead of copied.
  - Needs no connection and no host of an inventory. Use it with C(run_once).
options:
  runs:
    description:
      - The runs, as a list or separated by commas. Each is the id of a run in O(results_dir), the folder of a run, or
        a folder of results with a single run in it. Relative paths start at the current folder of the command.
    type: raw
    required: true
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
attributes:
  check_mode: {description: "Validates all of it and writes nothing."}
  diff_mode: {description: The merged runs are returned.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Merge two slices
  stress_merge:
    runs: [/srv/slices/1, /srv/slices/2]
  run_once: true
"""

RETURN = r"""
run_id:
  description: Id of the merged run.
  type: str
  returned: success, but not in check mode
  sample: 20261124-141200-ab12cd
results:
  description: Folder of the merged run.
  type: path
  returned: success, but not in check mode
  sample: results/20261124-141200-ab12cd
merged:
  description: Ids of the runs that were merged.
  type: list
  elements: str
  returned: success
  sample: [20261124-141200-0123ab, 20261124-141203-cd4567]
"""
