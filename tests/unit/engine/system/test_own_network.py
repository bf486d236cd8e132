"""A network with nothing but its own loopback, and what is looked for in it in vain."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.root, pytest.mark.linux]

LOOKS = """
import json, socket
from fleet_stress import system

def lost(address):
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return system.looked_elsewhere()

system.enter_own_network()
found = {}
with socket.create_server(("127.0.0.1", 18123)) as server, socket.create_connection(server.getsockname()):
    found["reached"] = system.looked_elsewhere()
# As Perl asks: it wants an address that this machine has some of.
found["localhost"] = socket.getaddrinfo("127.0.0.1", 1, socket.AF_INET, flags=socket.AI_ADDRCONFIG)[0][4]
found["nobody listens"] = lost(("127.0.0.1", 5432))
found["the world"] = lost(("198.51.100.1", 443))
with socket.socket(type=socket.SOCK_DGRAM) as client:
    client.sendto(b"?", ("127.0.0.53", 53))
found["no name server"] = system.looked_elsewhere()
print(json.dumps(found))
"""


LISTENS = """
import json, os, socket
from pathlib import Path
from fleet_stress import system
from fleet_stress.system.linux.network import new_network
from fleet_stress.system.programs import run

low = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
new_network()  # stands for a host
low.write_text("80")
assert run(["ip", "addr", "add", "198.51.100.7/24", "dev", "lo"]).code == 0
assert system.no_own_network() is None
system.enter_own_network()
os.setuid(65534)
with socket.create_server(("198.51.100.7", 80)):
    print(json.dumps(low.read_text().split()))
"""


def told(program):
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[4],
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_inside_is_reached_and_what_is_not_is_counted():
    assert told(LOOKS) == {
        "reached": {},
        "localhost": ["127.0.0.1", 1],
        "nobody listens": {"TcpAttemptFails": 1},
        "the world": {"TcpAttemptFails": 1, "IpOutNoRoutes": 1},
        "no name server": {"TcpAttemptFails": 1, "IpOutNoRoutes": 1, "UdpNoPorts": 1},
    }


def test_who_may_listen_where_is_as_on_the_host():
    assert told(LISTENS) == ["80"]
