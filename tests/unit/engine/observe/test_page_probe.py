"""Asking a page: whatever comes of it is stored as it is, and nothing is left running."""

import getpass
import os
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from fleet_stress.observe import page_probe
from fleet_stress.system.process import user_named
from tests import in_memory

WEB = {"factory": "web.app:create"}
APP = """
import os, sys
print("the application says something")
print('{"status": 200}')
class Response:
    status_code, data = STATUS, BODY
class App:
    def test_client(self): return self
    def get(self, path):
        DO
        return Response()
def create(): return App()
"""


@pytest.fixture
def ask():
    """``ask(status=200, body=b"…", do="pass", within=60)`` of an application that does that."""
    with tempfile.TemporaryDirectory(dir=in_memory.for_bots()) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "web").mkdir()

        def run(status=200, body=b"hello", do="pass", within=60.0, web=WEB):
            text = APP.replace("STATUS", repr(status)).replace("BODY", repr(body)).replace("DO", do)
            (folder / "web/app.py").write_text(text)
            return page_probe.ask(
                web,
                "/page",
                python="/usr/bin/python3" if os.geteuid() == 0 else sys.executable,
                user=user_named("nobody" if os.geteuid() == 0 else getpass.getuser()),
                folder=folder,
                environment={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
                output=folder / "probe.out",
                within=within,
            )

        yield run


def test_an_answer(ask):
    answer = ask()
    assert answer.pop("pid") > 1
    assert answer == {"status": 200, "body": "hello", "error": None, "exit": 0}


def test_an_answer_that_tells_of_a_failure_and_one_that_is_too_long(ask):
    assert ask(status=500, body=b"\xff!")["status"] == 500
    assert len(ask(body=b"x" * 100_000)["body"]) == page_probe.BODY_LIMIT


@pytest.mark.parametrize(
    ("do", "error"),
    [
        ("raise KeyError('x')", "KeyError: 'x'"),
        ("sys.exit(3)", "SystemExit: 3"),
        ("os._exit(3)", "ended with exit code 3 before it answered"),
        ("os.kill(os.getpid(), 9)", "ended with exit code -9 before it answered"),
    ],
)
def test_no_answer(ask, do, error):
    answer = ask(do=do)
    assert (answer["status"], answer["error"]) == (None, error)


def test_an_application_that_is_not_there(ask):
    assert ask(web={"factory": "nowhere:create"})["error"].startswith("ModuleNotFoundError: ")
    assert ask(web={"factory": "web.app:make"})["error"].startswith("AttributeError: ")


def test_one_that_hangs_is_ended(ask):
    answer = ask(do="import time; time.sleep(600)", within=1.0)
    assert (answer["status"], answer["error"]) == (None, "no answer within 1 s")
    assert not psutil.pid_exists(answer["pid"])
