"""What ``scenarios=failed`` means: on each host, what did not pass when it was last run."""

import json

import pytest
from fleet_controller.messages.errors import UserError
from fleet_controller.report.report import write
from fleet_controller.results.last_failures import last_failures
from fleet_controller.runs.run_folder import close_run
from fleet_controller.untrusted.atomic_files import write_atomic

FAILED = ("failed", "start 2 exited 1")
NOTHING = ("not_exercised", "the fault was not met")
SKIPPED = ("skipped", "it did not fail on this host last time")


@pytest.fixture
def ran(run):
    """Runs one after the other; by host, what did not pass there."""
    number = 0

    def ran(about=None, only_on=None, **hosts):
        nonlocal number
        number += 1
        run.begin(*hosts)
        if only_on is not None:
            compiled = json.loads((run.folder / "compiled.json").read_text())
            for scenario in compiled["scenarios"]:
                scenario.update({"only_on": only_on} if scenario["id"] != "baseline" else {})
            write_atomic(run.folder / "compiled.json", compiled)
        for name, verdicts in hosts.items():
            if verdicts is not None:
                run.comes_back(name, **verdicts)
        folder = run.results_dir / f"20261124-14120{number}-abcdef"
        run.folder.rename(folder)
        changes = {"run_id": folder.name, **(about or {})}
        write_atomic(folder / "run.json", {**json.loads((folder / "run.json").read_text()), **changes})
        run.folder, run.run_id = folder, folder.name
        close_run(run.results_dir, folder.name)
        write(folder, run.collect())

    return ran


def known(run, *hosts):
    return last_failures(run.results_dir, "reference", "smoke", hosts)


def test_each_host_has_its_own(run, ran):
    ran(h1={"baseline": FAILED, "sigkill_restart": NOTHING}, h2={"corrupt_state": ("error", "ours")}, h3={})
    assert known(run, "h1", "h2", "h3") == {
        "h1": ["baseline", "sigkill_restart"],
        "h2": ["corrupt_state"],
        "h3": [],
    }


def test_what_was_not_run_again_keeps_its_verdict(run, ran):
    """As pytest's --last-failed: a run of a few rows says nothing of the others."""
    ran(h1={"corrupt_state": FAILED}, h2={"corrupt_state": FAILED})
    ran(only_on=["h2"], h1={"corrupt_state": SKIPPED, "sigkill_restart": SKIPPED}, h2={})
    assert known(run, "h1", "h2") == {"h1": ["corrupt_state"], "h2": []}
    marked = {
        entry["scenario"]: entry.get("not_asked", False)
        for entry in run.collect()["hosts"]["h1"]["scenarios"]
    }
    assert marked == {"baseline": False, "corrupt_state": True, "sigkill_restart": True}


def test_a_host_that_did_not_take_part_keeps_its_verdicts(run, ran):
    ran(h1={"corrupt_state": FAILED}, h2={"baseline": FAILED})
    ran(h1={}, h2=None)
    assert known(run, "h1", "h2") == {"h1": [], "h2": ["baseline"]}


@pytest.mark.parametrize("about", [{"bot": "another"}, {"profile": "soak"}, {"hosts": ["h9"]}])
def test_runs_of_another_kind_say_nothing(run, ran, about):
    ran(about=about, h1={"corrupt_state": FAILED})
    with pytest.raises(UserError, match="it is not known what failed last time"):
        known(run, "h1")
