"""Bots that no signal stops: by a command of their own, or by an HTTP request."""

import socket

import pytest

from fleet_stress.run.handover import hand_over

from .conftest import RUN, bots_of, evidence, result, scenario, send, start, wait

#: Ignores SIGTERM; stops when it is asked for /stop, at a port of its own, or by SIGUSR1 to the process in its file.
BOT = """
import http.server
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, lambda *_: stop.set())
class Stop(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200 if self.path == "/stop" else 404)
        self.end_headers()
        if self.path == "/stop": stop.set()
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Stop)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{state}/pid", "w") as stream:
    stream.write(str(os.getpid()))
"""
STOP = "import os, signal; os.kill(int(open(os.environ['STATE_DIR'] + '/pid').read()), signal.SIGUSR1)"


def stopped(make_plan, port, stopped_by, **more):
    expect = [{"check": "exit_code", "args": {"is": "terminated"}}, {"check": "stopped_within", "args": {}}]
    stop = scenario("stop", [start(9999), wait("first_cycle"), send("TERM")], expect=expect)
    environment = {"STATE_DIR": "${state_dir}", "LOG_DIR": "${log_dir}", "PORT": str(port)}
    plan = make_plan([stop], before=BOT, environment=environment, stopped_by=stopped_by, **more)
    run_dir = hand_over(plan)["run_dir"]
    found = result(run_dir)["scenarios"][0]
    assert bots_of(RUN) == []
    [sent] = evidence(run_dir, "stop")["starts"][0]["signals"]
    return found, sent


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def request_to_stop(free_port):
    return {"request": {"url": f"http://127.0.0.1:{free_port}/stop", "method": "POST"}}


def test_a_request_takes_the_place_of_the_signal(make_plan, free_port, request_to_stop):
    found, sent = stopped(make_plan, free_port, request_to_stop)

    assert (found["verdict"], found["reasons"]) == ("passed", [])
    assert (sent["to"], sent["command"]["exit"]) == ("request", {"code": 0, "signal": None})


def test_a_command_takes_the_place_of_the_signal(make_plan, free_port):
    found, sent = stopped(make_plan, free_port, {"command": ["${python}", "-c", STOP]})

    assert (found["verdict"], found["reasons"]) == ("passed", [])
    assert (sent["to"], sent["command"]["exit"]) == ("command", {"code": 0, "signal": None})


def test_a_command_that_cannot_be_started_is_the_profiles_mistake(make_plan, free_port):
    found, _ = stopped(make_plan, free_port, {"command": ["/no/such/botctl", "stop"]})

    assert found["verdict"] == "error"
    assert "correct stopped_by in its profile" in found["reasons"][0]
