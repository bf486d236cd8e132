"""Documents the action plugin ``stress_merge``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_merge
short_description: Make one run of the results of several controllers
version_added: "0.1.0"
description:
  - Takes finished runs of the same command, each of which went to other hosts (slices of an inventory), and makes one
    run of them, with the results and the evidence of all. It is a run as any other, to be reported
    (M(stress_report)) or judged again.
  - What it is given may come from elsewhere, and is believed only after looking. Refused are runs that have not
    ended or are damaged, runs of another bot, source, profile, version or other scenarios, a host that is in two of
    them, and evidence that is anything but regular files of a bounded size.
  - The id of the merged run follows from what was merged, so that the same merge is the same run, and a second one
    changes nothing. The runs themselves stay as they are; on the same disk their evidence is linked and not copied.
  - Needs no connection and no host of an inventory. Use it with C(run_once).
options:
  runs:
    description:
      - The runs, as a list or separated by commas. Each is the id of a run in O(results_dir), the folder of a run, or
        a folder of results with a single run in it. Relative paths count from where the command was typed.
    type: raw
    required: true
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
attributes:
  check_mode: {description: "Looks at all of it, and writes nothing."}
  diff_mode: {description: What is merged is returned.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Make one run of two slices
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
  description: Ids of the runs that it was made of.
  type: list
  elements: str
  returned: success
  sample: [20261124-141200-0123ab, 20261124-141203-cd4567]
"""
