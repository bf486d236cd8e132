"""``worker_death``: who is a worker, and whether the bot starts another one in its place."""

import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.faults.process.worker_death import WorkerDeath
from fleet_stress.system import tree
from tests.unit.engine.faults.conftest import applied, make_site

#: A master of one worker, which a line on its standard input makes again.
MASTER = """
import os, sys, time
def begin():
    child = os.fork()
    if not child:
        time.sleep(600)
    return child
child = begin()
print("ready", flush=True)
while True:
    os.waitpid(child, 0)
    {then}
"""
AGAIN = "sys.stdin.readline(); child = begin(); print('again', flush=True)"
ENDS = "sys.exit(3)"
GOES_ON = "print('alone', flush=True); time.sleep(600)"
SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


class Bot:
    """A real one, and what the scenario knows of it."""

    def __init__(self, folder, argv):
        self.started = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.main = psutil.Process(self.started.pid)
        self.known = None
        self.site = make_site(
            folder, processes=self.all, now=self.all, main=lambda: self.main, seen=lambda: self.known
        )

    def all(self):
        return tree.of(self.main.pid)

    def has(self, count):
        wait_until(lambda: len(self.all()) >= count)
        self.known = frozenset(self.all())

    def says(self):
        return self.started.stdout.readline().strip()


@pytest.fixture
def run(tmp_path):
    bots = []

    def begin(*argv):
        bots.append(Bot(tmp_path, list(argv)))
        return bots[-1]

    yield begin
    for bot in bots:
        for process in bot.all():
            process.kill()
        bot.started.communicate()


def wait_until(happened):
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def master(run, then):
    bot = run(sys.executable, "-c", MASTER.format(then=then))
    assert bot.says() == "ready"
    bot.has(2)
    return bot


def test_that_another_worker_is_started_is_a_hit_again_and_again(run):
    bot = master(run, AGAIN)
    killed = []
    for _ in range(2):
        fault = applied(WorkerDeath, bot.site, {})
        assert (fault.hits(), fault.cannot_hit()) == (0, None)
        bot.started.stdin.write("\n")
        bot.started.stdin.flush()
        assert bot.says() == "again"
        wait_until(fault.hits)
        proof = fault.prove()
        assert proof.took_effect
        assert bot.main.is_running()
        killed.append(proof.details["worker"])
        assert proof.details["in_its_place"] not in killed
    assert len(set(killed)) == 2


def test_a_bot_that_ends_with_its_worker_has_none_that_is_started_again(run):
    bot = master(run, ENDS)
    fault = applied(WorkerDeath, bot.site, {})
    assert bot.started.wait(30) == 3
    assert "ended when its worker was killed" in fault.cannot_hit()
    assert fault.prove().details["nothing_to_hit"]


def test_one_that_goes_on_without_it_proves_nothing(run):
    bot = master(run, GOES_ON)
    fault = applied(WorkerDeath, bot.site, {})
    assert bot.says() == "alone"
    assert (fault.hits(), fault.cannot_hit()) == (0, None)
    proof = fault.prove()
    assert not proof.took_effect
    assert "nothing_to_hit" not in proof.details
    assert "started none in its place" in proof.details["why"]


@pytest.mark.parametrize(
    ("argv", "processes"),
    [
        pytest.param(SLEEPS, 1, id="one process"),
        pytest.param(["sh", "-c", f'"{sys.executable}" -c "{SLEEPS[2]}"; exit'], 2, id="behind a shell"),
        pytest.param(["sh", "-c", "(sleep 600; true); exit"], 3, id="a part of a script"),
        pytest.param(
            [sys.executable, "-c", "import subprocess; subprocess.run(['/bin/sleep', '600'])"],
            2,
            id="another program",
        ),
    ],
)
def test_a_bot_without_workers_is_left_alone(run, argv, processes):
    bot = run(*argv)
    bot.has(processes)
    if "/bin/sleep" in argv[-1]:  # a fork is its parent's program until it runs its own
        wait_until(lambda: any(process.name() == "sleep" for process in bot.all()))
    fault = applied(WorkerDeath, bot.site, {})
    assert "has no worker" in fault.cannot_hit()
    assert fault.prove().details["nothing_to_hit"]
    assert len(bot.all()) == processes


def test_what_was_not_there_at_the_last_look_is_no_worker(run):
    bot = run(sys.executable, "-c", MASTER.format(then=AGAIN))
    assert bot.says() == "ready"
    bot.known = frozenset([bot.main])
    assert "has no worker" in applied(WorkerDeath, bot.site, {}).cannot_hit()
    assert len(bot.all()) == 2


def test_a_scenario_has_to_look_before(run):
    bot = run(*SLEEPS)
    with pytest.raises(ValueError, match="look: processes"):
        applied(WorkerDeath, bot.site, {})
