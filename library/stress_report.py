"""Documents the action plugin ``stress_report``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_report
short_description: Write down what a run found, and fail if something was not survived
version_added: "0.1.0"
description:
  - Gathers the results of all hosts of a run into C(results.json) (C(schemas/results.schema.json)), draws the page and
    the other formats from it (C(docs/formats.md)) in the run's folder, shows a table, and closes the run, so that the
    same command begins a new one.
  - A format that cannot be drawn does not keep the others from being written. The task then warns, and fails.
  - Every host has an entry for every scenario that was asked for. Where a host brought no result, or one that
    is damaged, each of its scenarios is an V(error), and no other host is affected.
  - The task fails when a scenario ended with a verdict in O(fail_on), and always when a host was not brought
    to its end, is not as it was before, or none took part. V(skipped) alone does not fail, unless it is named.
  - Needs no connection. Use it with C(run_once). Run again, it says the same of the same evidence.
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
      - Why hosts were not brought to their end, a message by name of the host. Hosts of the run that are neither
        named here nor brought a result count all the same.
      - Left out, what an earlier report of this run said still holds.
    type: dict
  unreachable:
    description:
      - Names of those hosts of O(problems) that could not be reached, or were lost on the way; their verdict is
        V(unreachable).
      - Left out, what an earlier report of this run said still holds.
    type: list
    elements: str
  rehearsed:
    description:
      - What M(stress_plan) said in check mode, by host. In check mode this is shown in place of a report; hosts of
        O(problems) are those that would not be used.
    type: dict
  verify:
    description:
      - What the verify stage found wrong, a list of sentences by name of the host. Any sentence makes the
        verdict of its host V(error).
      - Left out, what an earlier report of this run said still holds; V({}) says that nothing was found.
    type: dict
  fail_on:
    description: Verdicts that make the task fail, as a list or separated by commas. Empty means the default.
    type: raw
    default: failed,error,not_exercised
  earlier:
    description:
      - The report says what is new since this run, by its id or its folder.
      - Empty for the newest one before it of the same bot and profile that has at least half of its rows, or else some;
        V(none) for no comparison.
    type: str
    default: ""
  judge:
    description: Whether the task fails at all. False shows and writes, and something after it has the last word.
    type: bool
    default: true
attributes:
  check_mode: {description: "Shows the table and judges, if there is such a run; writes nothing and does not close it."}
  diff_mode: {description: A report has no before and after to compare.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Say what survived
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
  description: How many scenarios ended with which verdict, over all hosts.
  type: dict
  returned: when there is such a run
  sample: {"passed": 8, "failed": 1, "not_exercised": 0, "skipped": 0, "error": 0}
"""
