"""Bots that are more than one process: a shell that waits for one, a master with a worker, a daemon."""

import pytest

from fleet_stress.run.handover import hand_over

from .conftest import RUN, bots_of, evidence, result, scenario, send, start, verdicts, wait

#: A shell that waits for the bot, and passes no signal on to it.
WRAPPED = {"argv": ["sh", "-c", "${python} main.py; exit $?"]}
#: Forks at once: the child does the work, the parent waits for it, passes SIGTERM on, and ends as it does.
MASTER = """
worker = os.fork()
if worker:
    signal.signal(signal.SIGTERM, lambda *_: os.kill(worker, signal.SIGTERM))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) & 255)
"""
#: Detaches itself as daemon(7) has it, and says which process goes on.
DAEMON = """
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
with open(f"{state}/bot.pid", "w") as stream:
    stream.write(f"{os.getpid()}\\n")
"""
KILL_IN_WRITE = {"verb": "signal", "args": {"signal": "KILL", "aim": "state_write", "within": 60.0}}
STOPPED = [
    {"check": "exit_code", "args": {"is": "terminated"}},
    {"check": "stopped_within", "args": {}},
    {"check": "no_process_left", "args": {}},
]
#: A daemon's exit code is that of an orphan, which Linux alone gives to us.
pytestmark = pytest.mark.linux


def stops(make_plan, **more):
    """What comes of a bot that is asked to stop: the scenario's entry, and its only start."""
    stop = scenario("stop", [start(9999), wait("first_cycle"), send("TERM")], expect=STOPPED)
    run_dir = hand_over(make_plan([stop], **more))["run_dir"]
    found = result(run_dir)["scenarios"][0]
    assert bots_of(RUN) == []
    [only] = evidence(run_dir, "stop")["starts"]
    return found, only


def test_a_shell_that_passes_no_signal_on_leaves_its_bot_behind(make_plan):
    found, only = stops(make_plan, **WRAPPED, stop_within=1.0, exit_codes={"terminated": [143]})

    assert (only["exit"]["signal"], only["exit"]["all_gone_at"]) == ("TERM", None)
    assert found["verdict"] != "passed"
    [reason] = found["reasons"]
    assert "start 1 left 1 processes behind: " in reason  # on a busy host not blamed on the bot
    assert reason.endswith("main.py")


def test_a_service_manager_that_tells_all_of_them_reaches_the_bot(make_plan):
    found, only = stops(make_plan, **WRAPPED, signals_to="all", exit_codes={"terminated": [143]})

    assert found["verdict"] == "passed"
    assert only["signals"][0]["to"] == "all"
    assert only["exit"]["all_gone_at"] is not None


def test_a_worker_is_killed_in_mid_write_and_its_master_with_it(make_plan):
    steps = [start(9999, interval=0.01), wait("first_cycle"), KILL_IN_WRITE, start(2), wait("exit")]
    expect = [
        {"check": "killed_in_write", "args": {"times": 1}},
        {"check": "little_lost", "args": {}},
        {"check": "exit_code", "args": {"is": "finished"}},
        {"check": "no_process_left", "args": {}},
    ]
    run_dir = hand_over(make_plan([scenario("aimed", steps, expect=expect)], before=MASTER))["run_dir"]

    assert verdicts(result(run_dir)) == {"aimed": "passed"}
    first, second = evidence(run_dir, "aimed")["starts"]
    assert set(first["signals"][0]["writing"]) <= {"status.json.tmp", "health.json.tmp"}
    assert (first["exit"]["signal"], first["left"]) == ("KILL", [])
    assert first["cycles"][0]["processes"] == 2
    assert second["exit"]["code"] == 0


def test_a_disk_that_kills_a_worker_kills_its_master(make_plan):
    """What the master would make of it (an exit code of its own, another worker) is not what is tested."""
    rules = [{"on": ["rename"], "at": 3, "kill": "after"}]
    disk = {"verb": "fault", "args": {"fault": "faulty_fs", "args": {"rules": rules}}}
    under = {"verb": "under", "args": {"steps": [start(9999, interval=0.01), wait("exit")]}}
    lift = {"verb": "lift", "args": {"fault": "faulty_fs"}}
    steps = [disk, under, lift, start(2), wait("exit")]
    run_dir = hand_over(make_plan([scenario("killed", steps)], before=MASTER))["run_dir"]

    assert verdicts(result(run_dir)) == {"killed": "passed"}
    first, second = evidence(run_dir, "killed")["starts"]
    assert (first["exit"]["by"], first["left"]) == ("fault", [])
    assert second["exit"]["code"] == 0


def test_a_daemon_is_asked_to_stop_and_how_it_ended_is_seen(make_plan):
    pid_file = {"pid_file": "${state_dir}/bot.pid"}
    found, only = stops(make_plan, before=DAEMON, after="sys.exit(7)", daemon=pid_file)

    assert only["cycles"]
    assert only["exit"]["code"] == 7
    assert found["reasons"] == ["start 1 ended with exit code 7, where exit code 0 was expected"]


def test_a_daemon_without_a_pid_file_is_what_is_left(make_plan):
    found, only = stops(make_plan, before=DAEMON, daemon={})

    assert (found["verdict"], only["exit"]["code"]) == ("passed", 0)
