"""Documents the action plugin ``stress_report``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_report
short_description: Write the report of a run, and fail if a bot did not survive
version_added: "0.1.0"
description:
  - Collects the results of all hosts of a run in C(results.json) (C(schemas/results.schema.json)), writes the page and
    the other formats (C(docs/formats.md)) into the run's folder, prints a table, and closes the run, so that the same
    command begins a new one.
  - If one format cannot be written, the others still are. The task then warns, and fails.
  - Every host has an entry for every requested scenario. If a host's result is missing or damaged, each of its
    scenarios is an V(error); other hosts are not affected.
  - The task fails when a scenario has a verdict in O(fail_on), and always when a host did not finish, is not in its
    previous state, or no host took part. V(skipped) alone does not fail, unless it is named.
  - Needs no connection. Use it with C(run_once). A second report of the same evidence is the same.
options:
  run_id:
    description: Id of the run; V(latest) or empty for the newest.
    type: str
    default: latest
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
  problems:
    description:
      - Why hosts did not finish, a message by name of the host. Hosts of the run that are neither named here nor have a
        result count as well.
      - If omitted, the values of an earlier report of this run are kept.
    type: dict
  unreachable:
    description:
      - The hosts of O(problems) that could not be reached, or were lost during the run; their verdict is
        V(unreachable).
      - If omitted, the values of an earlier report of this run are kept.
    type: list
    elements: str
  rehearsed:
    description:
      - The answers of M(stress_plan) in check mode, by host. In check mode they are shown instead of a report; hosts of
        O(problems) would not be used.
    type: dict
  verify:
    description:
      - Findings of the verify stage, a list of sentences by name of the host. Any finding makes the verdict of its host
        V(error).
      - If omitted, the values of an earlier report of this run are kept; V({}) means that nothing was found.
    type: dict
  fail_on:
    description: Verdicts that make the task fail, as a list or separated by commas. Empty means the default.
    type: raw
    default: failed,error,not_exercised
  earlier:
    description:
      - The run to compare with, by its id or its folder; the report lists what is new.
      - Empty for the newest earlier run of the same bot and profile, on all of its hosts, that has at least half of its
        scenarios, or else any; V(none) for no comparison.
    type: str
    default: ""
  pack:
    description: Whether evidence of rows that passed is packed, each as C(<scenario>.tar.gz) in place of its folder.
    type: bool
    default: true
  keep:
    description: How many newest runs keep their results; what is older is removed if O(judge) is true. 0 keeps all.
    type: int
    default: 0
  judge:
    description: Whether the task may fail. False only shows and writes the report; a later task decides.
    type: bool
    default: true
attributes:
  check_mode: {description: "Shows the table and judges, if there is such a run; writes nothing and does not close it."}
  diff_mode: {description: A report has no before and after to compare.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Write the report
  stress_report:
    run_id: "{{ stress_run.run_id }}"
    problems:
      host7: "UNREACHABLE: no route to host"
    verify: {}
    fail_on: [failed, error]
  run_once: true

- name: Show the newest run once more
  stress_report:
  run_once: true
"""

RETURN = r"""
run_id:
  description: Id of the run.
  type: str
  returned: when there is such a run
  sample: 20261124-141200-ab12cd
results:
  description: Folder of the run, with C(results.json), C(index.html), the other formats, and C(hosts/).
  type: path
  returned: when there is such a run
  sample: results/20261124-141200-ab12cd
verdict:
  description: The worst verdict of all hosts.
  type: str
  returned: when there is such a run
  sample: failed
counts:
  description: Number of scenarios by verdict, over all hosts.
  type: dict
  returned: when there is such a run
  sample: {"passed": 8, "failed": 1, "not_exercised": 0, "skipped": 0, "error": 0}
"""
