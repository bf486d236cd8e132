"""Orphans of a bot are collected as they die; a child that somebody here waits for is left to them."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.linux

#: In a process of its own, as an arena is: ``orphans()`` are the dead children that nobody has collected.
ARENA = """
import os, subprocess, sys, time
from pathlib import Path
import psutil
from fleet_stress import system
from fleet_stress.system import children, process, programs
system.adopt_orphans()
me = process.User("", os.getuid(), os.getgid())
def start(code):
    return process.start([sys.executable, "-I", "-S", "-c", code], user=me, folder=Path("/"), environment={},
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
def dead():
    found = []
    for pid in system.child_pids():
        try:
            found += [pid] if psutil.Process(pid).status() == "zombie" else []
        except psutil.Error:
            pass
    return found
def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
"""


def arena(code):
    done = subprocess.run([sys.executable, "-c", ARENA + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_dead_of_a_bot_that_forks_without_end_do_not_pile_up():
    said = arena("""
collector = children.Collector()
collector.start()
bot = start('''
import os
for number in range(400):
    if not os.fork():
        if not os.fork():
            os.setsid()
        os._exit(0)
    os.wait()
''')
most = 0
while bot.poll() is None:
    most = max(most, len(dead()))
    time.sleep(0.01)
until(lambda: not dead())
collector.end()
print(bot.returncode, most)
""")
    code, most = map(int, said.split())
    assert code == 0
    assert most < 380


def test_exit_codes_of_what_this_process_started_are_left_to_who_asks():
    said = arena("""
bot = start("raise SystemExit(7)")
until(lambda: psutil.Process(bot.pid).status() == "zombie")
for _ in range(20):
    children.collect_orphans()
tools = []
collector = children.Collector()
collector.start()
for _ in range(20):
    tools.append(programs.run(["sh", "-c", "sleep 0.02; exit 3"]).code)
    tools.append(system.as_user(os.getuid(), os.getgid(), lambda: time.sleep(0.02)))
collector.end()
print(bot.wait(), sorted(map(str, set(tools))))
""")
    assert said.strip() == "7 ['3', 'well']"
