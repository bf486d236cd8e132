"""The catalogue as it ships: every scenario compiles for every bot and profile."""

import itertools

import pytest
import yaml
from fleet_controller.catalogue.project import Project
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.planning.compile_plan import plan_of

from fleet_stress.store.contract import OUTAGES
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


def flat(steps):
    """Steps as they come, those of a repeat once: verb and arguments."""
    for step in steps:
        [(verb, arguments)] = step.items()
        if verb == "repeat":
            yield from flat(arguments["steps"])
        else:
            yield verb, arguments


def begins_or_ends(verb, arguments):
    """The outage, of a fault or of a person's hand, that a step begins or ends; None: it does neither."""
    if verb == "wait" and isinstance(arguments, dict) and arguments["until"] in ("link_down", "link_up"):
        return "unplugged"
    name = next(iter(arguments)) if verb == "fault" else arguments if verb == "lift" else None
    return name if name in OUTAGES else None


def expected(scenario, check):
    """What the scenario says to a check that it expects; None: it does not expect it."""
    items = (item if isinstance(item, dict) else {item: {}} for item in scenario["steps"][-1]["expect"])
    return next((item[check] for item in items if check in item), None)


def not_waited_for(scenario, fell_back):
    """Where an outage begins or ends, and cycles are counted before the bot has said so."""
    steps = list(flat(scenario["steps"]))
    changes = [number for number, step in enumerate(steps) if begins_or_ends(*step)]
    assert changes
    for number, words in zip(changes, itertools.cycle(["noticed", "live_again"])):
        waits = [
            arguments["until"]
            for verb, arguments in steps[number + 1 :]
            if verb == "wait" and isinstance(arguments, dict)
        ]
        first = next(until for until in waits if until == words or "more_cycles" in until)
        if (words == "noticed" or fell_back.get("again")) and first != words:
            yield scenario["id"], words


def test_an_outage_is_waited_for_and_not_counted_in_cycles():
    """A bot notices by a time-out of its own, which on a slow host is not over by its next cycle, nor the third."""
    scenarios = [
        yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in Project().files("scenarios").values()
    ]
    found = {scenario["id"]: (scenario, expected(scenario, "fell_back")) for scenario in scenarios}
    judged = {name: pair for name, pair in found.items() if pair[1] is not None and "or_live" not in pair[1]}

    assert {"network_cut", "unplug_by_hand", "proxy_close"} <= set(judged)
    assert [wrong for pair in judged.values() for wrong in not_waited_for(*pair)] == []


def outlasted(steps):
    """For each fault that answers late: how late (``after``), and how long the scenario waits before its lift."""
    for number, step in enumerate(steps):
        if step["verb"] != "fault" or "after" not in step["args"]["args"]:
            continue
        name = step["args"]["fault"]
        under = itertools.takewhile(
            lambda later, name=name: (later["verb"], later["args"].get("fault")) != ("lift", name),
            steps[number + 1 :],
        )
        waits = sum(later["args"]["then"] for later in under if later["verb"] == "wait")
        yield step["args"]["args"]["after"], waits


@pytest.mark.parametrize("profile", sorted(Project().files("profiles")))
def test_a_fault_that_answers_late_outlasts_one_answer(profile):
    """A bot that asks beside its cycles finishes any number of them before it has waited for one."""
    late = [
        pair
        for scenario in compile_command("reference", profile).scenarios
        for pair in outlasted(scenario["steps"])
    ]

    assert late
    assert [(after, waits) for after, waits in late if waits < after] == []
