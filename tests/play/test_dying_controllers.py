"""ansible-playbook is killed in mid-run: the run goes on, and the same command goes on with it."""

import contextlib
import os
import signal
import time

import psutil
import pytest

from fleet_stress.recovery import host_lock
from fleet_stress.recovery.journal import entries
from fleet_stress.store.layout import run_folders

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]


#: Enough that some of it is still to come when the next command is there.
RUN = "high_frequency,rapid_restart,kill_in_write,network_cut,sigterm,sigint,corrupt_ledger"


def until(true, told, within=120.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"never: {told}"
        time.sleep(0.05)


def kill_with_children(process):
    everyone = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for item in everyone:
        with contextlib.suppress(psutil.Error):  # a worker may just have ended by itself
            if "ansible" in " ".join(item.cmdline()):
                item.kill()
    process.communicate()


def scenarios_started(play):
    known = set(play.run_ids())
    runs = [run for run in run_folders(play.places / "here") if run.run_id in known]
    return [entry["scenario"] for run in runs for entry in entries(run.journal, "scenario_started")]


def test_the_same_command_goes_on_with_the_same_run(play):
    first = play.start(scenarios=RUN)
    until(lambda: len(scenarios_started(play)) > 1, "scenarios are under way")
    kill_with_children(first)
    assert host_lock.holder(play.places / "here"), "the run goes on without a controller"
    [run_id] = play.run_ids()
    page = play.results / run_id / "index.html"
    assert "Hosts were last heard of at" in page.read_text()
    assert f'href="{run_id}/index.html"' in (play.results / "index.html").read_text()

    code, said = play.run(scenarios=RUN)

    assert code == 0, said
    assert len(play.run_ids()) == 1
    assert "Hosts were last heard of at" not in page.read_text()
    assert not (page.parent / "live").exists()
    assert "attached to run" in said
    started = scenarios_started(play)
    assert sorted(started) == sorted(set(started)), "a scenario ran twice"
    assert play.verdicts() == dict.fromkeys(["baseline", *RUN.split(",")], "passed")


def test_a_second_controller_is_turned_away_while_the_first_watches(play):
    first = play.start(profile="standard", scenarios="rapid_restart")
    until(lambda: len(scenarios_started(play)) > 0, "the run is under way")

    code, said = play.run(profile="standard", scenarios="rapid_restart")

    assert code != 0
    assert "the same command is being watched already" in said
    os.kill(host_lock.holder(play.places / "here")["pid"], signal.SIGTERM)
    first.communicate()


def test_another_plan_is_refused_while_a_run_is_alive(play):
    first = play.start(profile="standard", scenarios="rapid_restart")
    until(lambda: len(scenarios_started(play)) > 0, "the run is under way")

    code, said = play.run(scenarios="sigterm", wait="1s")

    assert code != 0
    [run_id, _] = play.run_ids()
    busy = f"host is busy: run {run_id} of bot reference (pid "
    assert f"here: {busy}" in said
    assert "waiting for it, 1 s at most" in said
    assert f"here: not run (2 rows): {busy}" in said, "once, and not for each row"
    assert said.count("host is busy") == 3, "waiting, refused, and in the table"
    os.kill(host_lock.holder(play.places / "here")["pid"], signal.SIGTERM)
    first.communicate()


def test_sigterm_to_the_supervisor_leaves_a_result_that_says_so(play):
    watching = play.start(scenarios=RUN)
    until(lambda: len(scenarios_started(play)) > 1, "scenarios are under way")
    os.kill(host_lock.holder(play.places / "here")["pid"], signal.SIGTERM)
    said, _ = watching.communicate()

    assert watching.returncode != 0, said
    assert play.document["hosts"]["here"]["stopped"]["by"] == "SIGTERM"
    assert "error" in play.verdicts().values()
    assert play.document["hosts"]["here"]["verify"] == []
