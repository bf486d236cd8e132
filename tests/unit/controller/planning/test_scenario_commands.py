"""A scenario runs commands of its own only where the operator allows it; refused with its file and line."""

import pytest
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command

from tests.unit.controller.conftest import VOCABULARY

STEPS = """\
- start: {max_cycles: 2}
- command: {argv: [sh, -c, "rm -f ${state_dir}/lock"], within: 30s}
- wait: {until: exit}
- expect: [exit_code: finished]
"""


def compiled(catalogue, allow_commands, scenarios="all"):
    return compile_command(
        "tiny", "smoke", scenarios, allow_commands, project=catalogue.project, vocabulary=VOCABULARY
    )


@pytest.mark.parametrize("scenarios", ["restart", "all", "row:3.3"])
def test_a_scenario_with_a_command_stops_everything_unless_commands_are_allowed(catalogue, scenarios):
    catalogue.steps(STEPS)

    with pytest.raises(UserError) as refused:
        compiled(catalogue, allow_commands=False, scenarios=scenarios)

    assert str(refused.value) == "\n".join(
        [
            "runs a command",
            "   where: scenarios/restart.yml:7: steps.2.command",
            "   why:   scenarios run no commands on hosts unless you allow it",
            "   do:    -e allow_commands=true if you trust its author, or leave the scenario out",
        ]
    )


def test_one_in_a_repeat_is_found_as_well(catalogue):
    catalogue.steps("- repeat: {times: 2, steps: [command: {argv: [id]}]}\n- expect: [state_valid]")

    with pytest.raises(UserError, match="runs a command"):
        compiled(catalogue, allow_commands=False)


def test_one_that_nobody_chose_is_in_nobodys_way(catalogue):
    catalogue.steps(STEPS)

    assert compiled(catalogue, allow_commands=False, scenarios="all,-restart").ids == ["baseline"]


def test_allowed_it_stands_in_the_plan_and_the_plan_says_so(catalogue):
    catalogue.steps(STEPS)
    found = compiled(catalogue, allow_commands=True)

    steps = next(scenario["steps"] for scenario in found.scenarios if scenario["id"] == "restart")
    assert steps[1] == {
        "verb": "command",
        "args": {"argv": ["sh", "-c", "rm -f ${state_dir}/lock"], "within": 30.0, "exit_code": 0},
    }
    assert found.asked.allow_commands
    assert found.digest != compiled(catalogue, allow_commands=False, scenarios="baseline").digest


def test_a_plan_says_that_nothing_is_allowed(catalogue):
    assert catalogue.plan()["allow_commands"] is False


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ('"rm -rf /"', "does not belong here"),
        ('{argv: "rm -rf /"}', "a list of words"),
        ("{argv: []}", "a list of words"),
        ("{within: 1s}", "`argv` is missing"),
        ("{argv: [id], shell: true}", "unknown key `shell`"),
        ("{argv: [id], within: 0s}", "a command that has no time"),
        ("{argv: [id], exit_code: 256}", "at most 255"),
    ],
)
def test_what_is_no_command_is_told(catalogue, command, told):
    catalogue.steps(f"- command: {command}\n- expect: [state_valid]")

    with pytest.raises(UserError) as refused:
        compiled(catalogue, allow_commands=True)
    assert told in str(refused.value)
