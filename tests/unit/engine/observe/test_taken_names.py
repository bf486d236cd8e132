"""What a program takes of its network is seen from outside."""

import socket
import sys

import psutil
import pytest

from fleet_stress.observe.taken_names import taken_by

ME = psutil.Process()


def test_ports_that_somebody_can_reach():
    before = taken_by([ME])
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        # A client's own port is nobody's to reach.
        with socket.create_connection(tcp.getsockname()):
            now = taken_by([ME])
        expected = {f"tcp port {tcp.getsockname()[1]}", f"udp port {udp.getsockname()[1]}"}
    assert now - before == expected


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_an_abstract_socket():
    with socket.socket(socket.AF_UNIX) as lock:
        lock.bind("\0fleet-stress-test-lock")
        assert "abstract socket fleet-stress-test-lock" in taken_by([ME])


def test_who_has_ended_has_none():
    ended = psutil.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert taken_by([psutil.Process(), ended]) == taken_by([psutil.Process()])
