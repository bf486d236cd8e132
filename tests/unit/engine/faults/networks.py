"""A program run in a process of its own, which makes itself networks: this one keeps the host's."""

import json
import subprocess
import sys
from pathlib import Path

HEAD = """
import json, os, socket, sys, threading
from pathlib import Path
sys.path[:0] = [{engine!r}, {here!r}, {here!r} + "/network"]
from conftest import make_site
from fleet_stress import system
from fleet_stress.system.network import iptables, private_network
from fleet_stress.faults import FAULTS
from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.system.programs import run
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo, open_records
folder = Path(sys.argv[1])

def connects(address, port=443, within=0.5):
    try:
        socket.create_connection((address, port), within).close()
    except OSError as problem:
        return type(problem).__name__
    return "connected"

def told(**what):
    print(json.dumps(what, default=str))
"""
PRIVATE = """
net = private_network.Network(["one.fleet-stress.test", "two.fleet-stress.test"])
system.mount_private_folders(net.system_files(folder))
site = make_site(
    folder, network=net,
    bot={"hosts": ["one.fleet-stress.test", "two.fleet-stress.test"], "modules": [], "environment": {}},
)
"""


def in_process(program, folder, *, private=True):
    """Run it in a process of its own; what it ``told``."""
    root = Path(__file__).parents[4]
    head = HEAD.format(engine=str(root), here=str(Path(__file__).parent))
    text = head + (PRIVATE if private else "") + program
    done = subprocess.run(
        [sys.executable, "-c", text, str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
