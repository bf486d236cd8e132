"""The catalogue as it ships: every scenario compiles for every bot and profile, in the words of the plan's rows."""

import pytest
from fleet_controller.command import compile_command
from fleet_controller.project import Project


@pytest.mark.parametrize("profile", sorted(Project().files("profiles")))
@pytest.mark.parametrize("bot", sorted(Project().files("bots")))
def test_every_scenario_compiles(bot, profile):
    compiled = compile_command(bot, profile)

    assert compiled.ids[0] == "baseline"
    for one in compiled.scenarios:
        assert bool(one["steps"] and one["expect"]) != bool(one["skip"]), one["id"]


def test_the_reference_bot_has_whatever_a_scenario_needs():
    assert [one["id"] for one in compile_command("reference", "smoke").scenarios if one["skip"]] == []
