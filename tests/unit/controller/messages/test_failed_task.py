"""What a failed task says to a person."""

import pytest
from fleet_controller.messages.failed_task import failure_lines
from fleet_controller.messages.interrupted import interrupted


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        ({"msg": "no such scenario\n   where: here"}, ["no such scenario", "   where: here"]),
        (
            {"msg": "non-zero return code", "rc": 3, "stderr": "cannot\n"},
            ["non-zero return code", "   cannot"],
        ),
        ({"msg": "it said: cannot", "rc": 3, "stderr": "cannot"}, ["it said: cannot"]),
        ({"msg": "x", "rc": 0, "stderr": "a warning"}, ["x"]),
        (
            {"msg": "x", "rc": 1, "stdout": "\n".join("abcdefghijklm")},
            ["x", *(f"   {item}" for item in "defghijklm")],
        ),
        ({"msg": "bad\x1b[2J"}, ["bad\\x1b[2J"]),
        ({}, ["it failed, and said nothing; -vvv tells more"]),
        (
            {
                "msg": "One or more items failed",
                "results": [{"item": "a"}, {"item": "b", "failed": True, "msg": "no"}],
            },
            ["One or more items failed", "b: no"],
        ),
    ],
)
def test_a_failure(result, lines):
    assert failure_lines(result) == lines


def test_whoever_stops_watching_hears_what_goes_on_and_how_to_end_it():
    said = interrupted([f"h{n}" for n in range(1, 8)], ["my fleet.yml"])
    assert "The run goes on on 7 hosts (h1, h2, h3, h4, h5 and 2 more)" in said
    assert "ansible-playbook playbooks/recover.yml -i 'my fleet.yml' -e recover=force" in said
