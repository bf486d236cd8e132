"""The catalogue as it ships: every scenario compiles for every bot and profile."""

import pytest
from fleet_controller.catalogue.project import Project
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.planning.compile_plan import plan_of

from tests.unit.controller.planning.contract import breaches


@pytest.mark.parametrize("profile", sorted(Project().files("profiles")))
@pytest.mark.parametrize("bot", sorted(Project().files("bots")))
def test_every_scenario_compiles_to_what_a_plan_holds(bot, profile):
    compiled = compile_command(bot, profile)

    where = dict.fromkeys(("run_id", "host", "stress_dir", "user", "copy", "python"), "0")
    assert breaches(plan_of(compiled, facts={"cores": 1, "memory_mb": 1}, **where)) == []
    assert compiled.ids[0] == "baseline"
    for scenario in compiled.scenarios:
        assert bool(scenario["steps"] and scenario["expect"]) != bool(scenario["skip"]), scenario["id"]


def test_the_reference_bot_has_whatever_a_scenario_needs():
    """But for a database, which it has with its other profile; that in turn has no backup of it."""

    def without(bot):
        return {scenario["id"] for scenario in compile_command(bot, "smoke").scenarios if scenario["skip"]}

    assert without("reference") == {"database_locked"}
    assert without("reference") & without("reference_sqlite") == set()
