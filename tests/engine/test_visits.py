"""Every point of a cycle, in a real run: a bot that survives all, one that does not, and whoever dies in between."""

import json
import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from fleet_stress.faults.disk import covering
from fleet_stress.faults.site import Where
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.store.layout import RunFolder
from tests.living import signal_each

from .conftest import RUN, bots_of, evidence, is_mark, result, scenario, start, until, verdicts, wait
from .test_deaths import supervisor
from .test_faulty_fs import mounted_anywhere

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow]

FINISHED = {"check": "exit_code", "args": {"is": "finished"}}
CHECKS = [{"check": name, "args": {}} for name in ("little_lost", "state_valid", "no_traceback", "no_litter")]
#: It writes a second file in place, and will not start when that is torn.
IN_PLACE = """
import pathlib
orders = pathlib.Path(state, "orders.json")
if orders.exists():
    json.loads(orders.read_text())
save_one = save
def save(name, document):
    save_one(name, document)
    if name == "status.json":
        orders.write_text(json.dumps(document))
"""


@pytest.fixture(autouse=True)
def able(tmp_path):
    cannot = covering.supported(Where(tmp_path, {}, None), {})
    if cannot:
        pytest.skip(cannot.reason)


def visit(answers, **more):
    arguments = {
        "folder": "state",
        "answers": answers,
        "under": [start(4, 0.05), wait("exit")],
        "then": [start(2, 0.05), wait("exit")],
        "expect": [FINISHED, *CHECKS],
        "at_once": 4,
        "each_within": 300.0,
        **more,
    }
    return {"verb": "visit", "args": arguments}


def visiting(make_plan, *answers, before="", point=None, bot=None, **more):
    steps = [start(3, 0.05), wait("exit"), visit(list(answers), **more)]
    plan = make_plan([scenario("points", steps, within=600.0)], before=before, **(bot or {}))
    plan["point"] = point
    return hand_over(plan)["run_dir"]


def test_each_point_is_visited_and_each_disk_once(make_plan):
    run_dir = visiting(make_plan, {"kill": "before"}, {"kill": "after"})
    found = result(run_dir)
    assert verdicts(found) == {"points": "passed"}, found["scenarios"][0]["reasons"]
    # Of each of two files a cycle: create, write, rename (it does not sync), so three disks, and the next one's first.
    figures = found["scenarios"][0]["measures"]["points"]
    assert figures == {"classes": 6, "known": 12, "visited": 12, "survived": 12, "visits": 7}
    [seen] = evidence(run_dir, "points")["visits"]
    assert (seen["compared"], seen["sometimes"]) == (6, [])
    visit = evidence(run_dir, f"points/{seen['points'][1]['evidence']}")
    assert visit["starts"][0]["exit"]["signal"] == "KILL"
    assert visit["starts"][0]["before"] and visit["starts"][1]["exit"]["code"] == 0


def test_a_bot_that_goes_on_after_an_error_is_visited_at_each_operation(make_plan):
    run_dir = visiting(make_plan, {"errno": "EIO"})
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "failed"  # of thirty lines, it ends at any error
    assert entry["measures"]["points"] == {"classes": 6, "known": 6, "visited": 6, "survived": 0, "visits": 6}
    assert "EIO at create state/status.json.tmp: " in entry["reasons"][0]


def test_bots_that_would_meet_each_other_visit_one_after_another(make_plan):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    takes = f"import socket; held = socket.create_server(('127.0.0.1', {port}))"
    bot = {"network": "host", "fixed_port": True}
    [entry] = result(visiting(make_plan, {"kill": "after"}, before=takes, bot=bot, most=2))["scenarios"]
    assert (entry["verdict"], entry["measures"]["points"]["visits"]) == ("passed", 2), entry["reasons"]


def test_a_point_that_is_not_survived_is_repeated_by_its_name_alone(make_plan):
    torn = "kill:after:open:state/orders.json:1"
    [entry] = result(visiting(make_plan, {"kill": "after"}, before=IN_PLACE))["scenarios"]
    assert entry["verdict"] == "failed"
    assert [finding["subject"] for finding in entry["findings"]] == [torn]
    assert f"-e scenarios=points -e point={torn}" in entry["reasons"][0]


def test_just_the_one_point(make_plan):
    torn = "kill:after:open:state/orders.json:1"
    [entry] = result(visiting(make_plan, {"kill": "after"}, before=IN_PLACE, point=torn))["scenarios"]
    assert entry["verdict"] == "failed"
    assert entry["measures"]["points"]["visits"] == 1
    assert f"only the point {torn} was asked for" in entry["notes"]


def test_a_point_that_there_is_not_is_told_with_those_that_there_are(make_plan):
    [entry] = result(visiting(make_plan, {"kill": "after"}, point="kill:after:tea"))["scenarios"]
    assert entry["verdict"] == "error"
    assert "there is no point 'kill:after:tea': the recording has kill:after:create" in entry["reasons"][0]


def test_a_budget_is_spent_on_the_most_different_points_and_the_rest_is_told(make_plan):
    [entry] = result(visiting(make_plan, {"kill": "before"}, {"kill": "after"}, budget=0.0))["scenarios"]
    assert entry["verdict"] == "passed", entry["reasons"]
    assert entry["measures"]["points"]["visits"] == 4  # as many as run side by side
    assert any("points were left when the budget of 0 s was spent" in note for note in entry["notes"])


#: It appends a line a cycle, and will not start with one that is half.
APPENDS = """
import pathlib
orders = pathlib.Path(state, "orders.jsonl")
if orders.exists():
    [json.loads(line) for line in orders.read_text().splitlines()]
save_one = save
def save(name, document):
    save_one(name, document)
    if name == "status.json":
        with orders.open("a") as stream:
            print(json.dumps(document), file=stream)
"""


def test_half_a_line_is_written_by_no_whole_operation(make_plan):
    [entry] = result(visiting(make_plan, {"kill": "half"}, {"kill": "after"}, before=APPENDS))["scenarios"]
    assert [finding["subject"] for finding in entry["findings"]] == ["kill:half:write:state/orders.jsonl:1"]


#: Its temporary files have names as mkstemp(3) makes them.
RANDOM_NAMES = """
import random
def save(name, document):
    beside = f"{state}/{name}.{''.join(random.choices('abcdefgh', k=8))}.tmp"
    with open(beside, "w") as stream:
        json.dump(document, stream)
    os.replace(beside, f"{state}/{name}")
"""


def test_names_that_are_new_each_time_are_met_all_the_same(make_plan):
    [entry] = result(visiting(make_plan, {"errno": "EIO"}, before=RANDOM_NAMES))["scenarios"]
    assert entry["measures"]["points"] == {"classes": 6, "known": 6, "visited": 6, "survived": 0, "visits": 6}
    assert "EIO at create state/status.json.*.tmp: " in entry["reasons"][0]


#: A child of it does all the work, and the other process waits for ever if the child does not end by itself.
WORKER = """
worker = os.fork()
if worker:
    _, status = os.waitpid(worker, 0)
    while os.WIFSIGNALED(status):
        signal.pause()
    os._exit(os.WEXITSTATUS(status))
"""


def test_who_writes_is_killed_and_with_it_all_of_the_bot(make_plan):
    point = "kill:half:write:state/status.json.tmp:1"
    expect = [FINISHED, *CHECKS, {"check": "no_process_left", "args": {}}]
    run_dir = visiting(make_plan, {"kill": "half"}, before=WORKER, point=point, expect=expect)
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "passed", entry["reasons"]
    [visited] = Path(run_dir, "evidence/points/points").glob("0*/evidence.json")
    killed = json.loads(visited.read_text())["starts"][0]
    assert (killed["exit"]["signal"], killed["exit"]["by"], killed["left"]) == ("KILL", "fault", [])


def ours(part):
    """Arena processes of this test: the scenario's own, or those of its visits."""
    found = []
    for process in psutil.process_iter(["environ", "cmdline"]):
        mark = (process.info["environ"] or {}).get("FLEET_STRESS_ARENA", "")
        of_visit, of_scenario = "/points/points/" in mark, is_mark(mark, RUN, "points")
        wanted = of_visit if part == "visits" else of_scenario
        if mark.startswith(RUN) and wanted and "arena" in (process.info["cmdline"] or []):
            found.append(process)
    return found


@pytest.mark.parametrize("victim", ["scenario", "visits", "supervisor", "all"])
def test_kill_9_in_the_middle_of_the_visits_leaves_nothing(make_plan, stress_dir, victim):
    forever = [start(9999, 0.05), wait("exit", within=600.0)]
    run_dir = visiting(
        make_plan, {"errno": "EIO"}, before="def save(*_, save=save):\n    save(*_)\n", then=forever
    )
    until(lambda: len(list(Path(run_dir, "evidence/points/points").glob("0*/"))) >= 2, "visits go on")
    until(lambda: bots_of(RUN), "a bot runs")
    assert ours("scenario")
    assert ours("visits")
    if victim in ("scenario", "visits"):
        signal_each(signal.SIGKILL, ours(victim))
        if victim == "scenario":
            assert verdicts(result(run_dir)) == {"points": "error"}
        else:
            os.kill(supervisor(stress_dir), signal.SIGTERM)
            result(run_dir)
    else:
        if victim == "all":
            signal_each(signal.SIGSTOP, ours("scenario"))  # first: it starts visits
            signal_each(signal.SIGSTOP, ours("visits"))
        os.kill(supervisor(stress_dir), signal.SIGKILL)
        if victim == "all":
            signal_each(signal.SIGKILL, (*ours("visits"), *ours("scenario")))
        until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")
        assert recover(stress_dir)["failed"] == []
    until(lambda: not bots_of(RUN), "the bots are gone")
    until(lambda: not ours("visits"), "the visits are gone")
    until(lambda: not mounted_anywhere(), "nothing is mounted")
    until(lambda: open_records(Path(run_dir, "journal.jsonl")) == [], "all is undone")
    assert not RunFolder(Path(run_dir)).visits("points").exists()


#: It keeps a file that seems to have two gigabytes, and takes no room.
LARGE = """
import pathlib
with pathlib.Path(state, "large.bin").open("ab") as large:
    large.truncate(2 << 30)
"""


def test_a_bot_with_too_much_to_copy_for_each_point_proves_nothing_and_is_not_blamed(make_plan):
    found = result(visiting(make_plan, {"kill": "before"}, before=LARGE))

    assert verdicts(found) == {"points": "not_exercised"}
    assert "its files have more than 1024.0 MB" in found["scenarios"][0]["reasons"][0]
