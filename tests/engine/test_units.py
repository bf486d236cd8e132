"""Where systemd runs, the supervisor is a unit: nothing of a login's session, which logind may kill at its end."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from fleet_stress.recovery import host_lock
from fleet_stress.run.handover import Refused, hand_over
from fleet_stress.system import cgroups
from tests.engine.conftest import BASELINE, FOREVER, RUN, result, until, verdicts

#: A strict double of systemd-run(1) and systemctl(1): it knows what we use, nothing else. It starts a unit as systemd
#: does: not in the control group of who asked for it, with the outputs and the environment that were asked for.
DOUBLE = """#!{python} -I
import json, os, subprocess, sys
from pathlib import Path
here, name = Path(__file__).parent, Path(__file__).name
words = sys.argv[1:]
if name == "systemctl":
    assert words[:3] == ["show", "--property=MainPID", "--value"], words
    print((here / words[3]).read_text())
    raise SystemExit
options = words[: next(number for number, word in enumerate(words) if not word.startswith("--"))]
command, asked = words[len(options):], {{}}
for option in options:
    word, _, value = option.partition("=")
    assert word in ("--unit", "--collect", "--quiet", "--property", "--setenv"), option
    asked.setdefault(word, []).append(value)
properties = dict(item.split("=", 1) for item in asked["--property"])
known = {{"Type", "Restart", "KillMode", "TimeoutStopSec", "Delegate", "TasksMax", "StandardOutput", "StandardError"}}
assert properties.keys() <= known, properties
assert os.path.isabs(command[0]), command
if {broken}:
    sys.exit("Failed to start transient service unit: Permission denied")
kind, _, log = properties.get("StandardOutput", "append:/dev/null").partition(":")
assert kind == "append" and (log == "/dev/null" or os.stat(log).st_mode & 0o777 == 0o600)
out = open(log, "ab")
if {group!r}:
    Path({group!r}).parent.joinpath("cgroup.procs").write_text("0")
unit = subprocess.Popen(command, stdin=-3, stdout=out, stderr=out, cwd="/", start_new_session=True,
                        env=dict(item.split("=", 1) for item in asked.get("--setenv", [])) or None)
(here / (asked["--unit"][0] + ".service")).write_text(str(unit.pid))
with open(here / "seen", "a") as seen:
    seen.write(json.dumps([asked["--unit"][0], properties, command]) + "\\n")
"""


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """``systemd(broken=True)``: it refuses to start anything. Returns what was started, unit by unit.

    ``group``: the control group of a login's session, which a unit is not in.
    """

    def runs(*, broken=False, group=""):
        for name in ("systemd-run", "systemctl"):
            (tmp_path / name).write_text(DOUBLE.format(python=sys.executable, broken=broken, group=group))
            (tmp_path / name).chmod(0o755)
        monkeypatch.setattr("fleet_stress.system.programs._PATH", f"{tmp_path}:/usr/bin:/bin")
        monkeypatch.setattr("fleet_stress.system.linux.service.has_service_manager", lambda: True)
        seen = tmp_path / "seen"
        return lambda: [json.loads(line) for line in seen.read_text().splitlines()] if seen.exists() else []

    return runs


@pytest.mark.root
def test_the_supervisor_is_a_unit_and_the_run_is_the_same(make_plan, systemd):
    started = systemd()

    run_dir = hand_over(make_plan([BASELINE]))["run_dir"]

    assert verdicts(result(run_dir)) == {"baseline": "passed"}
    name, properties, command = started()[0]
    assert name.startswith(f"fleet-stress-run-{RUN}")
    assert command[-2:] == ["supervise", run_dir]
    assert (properties["KillMode"], properties["Delegate"]) == ("process", "yes")
    assert "Restart" not in properties, "whoever watches hands the plan over once more"


@pytest.fixture
def session(tmp_path):
    """The control group of a login's session, as logind makes one."""
    roots = cgroups.roots()
    root = roots.get("freezer") or roots.get("cgroup2")
    if root is None or not os.access(root, os.W_OK):
        pytest.skip("no control groups can be made here")
    group = Path(root, f"session-{os.getpid()}.scope")
    group.mkdir()
    yield group
    until(lambda: not cgroups.members(group), "the session ends")
    group.rmdir()


@pytest.mark.root
@pytest.mark.parametrize("has_systemd", [True, False])
def test_what_logind_kills_at_a_logout_is_not_the_run(make_plan, systemd, stress_dir, session, has_systemd):
    """logind kills the whole control group of a session; without a service manager there is no logind either."""
    if has_systemd:
        systemd(group=str(session))
    login = os.fork()
    if login == 0:
        (session / "cgroup.procs").write_text("0")
        hand_over(make_plan([FOREVER]))
        signal.pause()
    until(lambda: host_lock.run_here(stress_dir), "the run has begun")
    for pid in cgroups.members(session):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(login, 0)

    until(lambda: not cgroups.members(session), "the session ends")
    assert (host_lock.run_here(stress_dir) is not None) == has_systemd


@pytest.mark.root
def test_where_systemd_starts_nothing_a_process_of_its_own_session_does(make_plan, systemd):
    started = systemd(broken=True)

    run_dir = hand_over(make_plan([BASELINE]))["run_dir"]

    assert verdicts(result(run_dir)) == {"baseline": "passed"}
    assert started() == []


@pytest.mark.root
def test_a_unit_that_ends_at_once_says_why(make_plan, systemd, stress_dir):
    systemd()
    plan = make_plan([BASELINE])
    plan["limits"] = {}

    with pytest.raises(Refused, match="the supervisor did not begin"):
        hand_over(plan)
