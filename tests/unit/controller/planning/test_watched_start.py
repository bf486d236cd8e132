"""The scenario that ``fleet-stress init`` runs: alone, as the baseline, and not part of the catalogue."""

import pytest
from fleet_controller.catalogue.scenarios import WATCHED_START
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command


@pytest.mark.parametrize("profile", ["smoke", "standard"])
def test_it_runs_alone_in_the_place_of_the_baseline(profile):
    (scenario,) = compile_command("reference", profile, WATCHED_START).scenarios
    assert (scenario["id"], scenario["baseline"], scenario["skip"]) == (WATCHED_START, True, None)
    assert [step["verb"] for step in scenario["steps"]].count("start") == 3
    looks = [step["args"]["steps"][1] for step in scenario["steps"] if step["verb"] == "repeat"]
    assert looks == [{"verb": "look", "args": {"what": "files"}}] * 2
    assert scenario["estimate"] < 600


def test_it_is_no_part_of_the_catalogue():
    with pytest.raises(UserError, match="unknown scenario"):
        compile_command("reference", "smoke", f"{WATCHED_START},sigterm")
