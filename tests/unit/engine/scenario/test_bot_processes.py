"""Which processes are the bot's, where no control group tells: without root, and on macOS."""

import json
import subprocess
import sys

import pytest

#: An arena without a group: a bot with a child, a daemon that the bot has left, and a companion.
ARENA = """
import json, subprocess, sys, time
from fleet_stress import system
from fleet_stress.scenario.bot_processes import BotProcesses
from fleet_stress.system import children, process, tree

class NoGroup:
    def bots(self):
        return {}

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
DETACH = "import os, time\\nif os.fork(): os._exit(0)\\n"
DAEMON = DETACH + "os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"
BOT = f"import subprocess, time; c = subprocess.Popen({SLEEPS!r}); print(c.pid, flush=True); time.sleep(600)"

system.adopt_orphans()
companion = children.in_own_session(SLEEPS)
bot = children.in_own_session([sys.executable, "-c", BOT], stdout=subprocess.PIPE)
child = int(bot.stdout.readline())
left = children.in_own_session([sys.executable, "-c", DAEMON], stdout=subprocess.PIPE)
daemon = int(left.stdout.readline())
left.wait()
processes = BotProcesses("run/arena", NoGroup(), lambda: [companion.pid])
processes.main = bot.pid
names = {bot.pid: "bot", child: "child", daemon: "daemon", companion.pid: "companion"}
found = {each: sorted(names[m.pid] for m in getattr(processes, each)() if m.pid in names) for each in ("now", "all")}
process.end_all(process.descendants())
print(json.dumps(found))
"""


@pytest.mark.linux
def test_without_a_group_they_are_the_tree_of_the_main_process_and_its_orphans():
    done = subprocess.run(
        [sys.executable, "-c", ARENA], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"now": ["bot", "child", "daemon"], "all": ["bot", "child", "daemon"]}
