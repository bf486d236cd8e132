"""What every way to a host has around it: an end, a size, and no key that nobody documented."""

import gc
import json
import os
import time
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display
from fleet_controller.ansible import strangers
from fleet_controller.ansible.documented_answer import documented, passed
from fleet_controller.messages.terminal import Drawn
from fleet_controller.messages.unreachable import lost, why_not_finished

# pytest's own deadline would be the alarm of somebody else.
alarms = pytest.mark.timeout(60, method="thread")
# Ansible lets go of a connection that was given up.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running", "ignore:unclosed file")


class Asking(ActionBase):
    answer_seconds = 0.5
    answer_characters = 1_000

    def run(self, _tmp=None, task_vars=None):
        return self._low_level_execute_command(task_vars["command"], sudoable=False)


@pytest.fixture
def ask():
    """Asks this machine in Ansible's own way, as every task does."""
    strangers.beware()
    context = PlayContext()
    task = mock.Mock(action="stress_facts", args={}, async_val=0, environment=None)
    connection = connection_loader.get("local", context, os.devnull)
    connection.set_options()
    action = Asking(task, connection, context, DataLoader(), mock.Mock(), mock.Mock())
    yield lambda command: action.run(None, {"command": command})
    gc.collect()


@alarms
def test_a_host_that_answers_is_heard(ask):
    assert ask("echo here")["stdout"].strip() == "here"


@alarms
@pytest.mark.parametrize(
    "silence", ["sleep 60", "while :; do echo; sleep 0.05; done"], ids=["nothing", "drop by drop"]
)
def test_a_host_that_does_not_come_to_an_end_is_lost(ask, silence):
    began = time.monotonic()
    with pytest.raises(strangers.HostSilent) as told:
        ask(silence)

    assert time.monotonic() - began < 10
    result = dict(told.value.result_contribution)
    assert result["failed"], "the tasks after it are not tried one by one"
    assert lost(result)
    assert why_not_finished(result, "h1").startswith(
        "h1 could not be reached any more: it has not answered for 0.5 s."
    )


@alarms
@pytest.mark.parametrize("stream", ["", ">&2"], ids=["output", "errors"])
def test_an_answer_that_is_longer_than_any_is_refused(ask, stream):
    with pytest.raises(AnsibleActionFail, match="longer than any"):
        ask(f"head -c 1001 /dev/zero {stream}")


def test_a_module_that_answers_a_thousandfold_nesting_is_refused():
    def ansibles_own(*_):
        return json.loads('{"a":' * 100_000)

    with pytest.raises(AnsibleActionFail, match="nested more deeply than any"):
        strangers._answered(ansibles_own, mock.Mock(), "stress_facts")


def test_of_a_module_of_ours_what_is_documented_passes_and_of_ansibles_own_all():
    said = {
        "changed": True,
        "msg": "m",
        "copy": "/x",
        "ansible_facts": {"bot": "y"},
        "stress_dir": "/y",
        "rc": 0,
    }

    assert passed("bot_copy", said) == {"changed": True, "msg": "m", "copy": "/x", "rc": 0}
    assert passed("ansible.legacy.bot_copy", said) == passed("bot_copy", said)
    assert passed("ansible.legacy.stat", said) == said
    assert "bot_folder_exists" in documented("stress_facts")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain\tand\nö", "plain\tand\nö"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07 \x9b2J \u202e", "\\x1b]0;title\\x07 \\x9b2J \\u202e"),
        ("line\r\nend\rover", "line\nend\\x0dover"),
        (Drawn("\x1b[1;31mours\x1b[0m"), "\x1b[1;31mours\x1b[0m"),
        (Drawn("\x1b[31mours\x1b]0;t\x07"), "\x1b[31mours\\x1b]0;t\\x07"),
    ],
)
def test_what_is_shown_obeys_nobody(capsys, said, shown):
    strangers.beware()
    Display().display(said)
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_message_has_an_end(capsys):
    strangers.beware()
    Display().display("x" * 200_000)
    assert capsys.readouterr().out.endswith("x … (100000 more characters)\n")


def test_it_is_put_around_once():
    for _ in range(3):
        strangers.beware()
    assert not hasattr(Display.display.__wrapped__, "_fleet_stress")
