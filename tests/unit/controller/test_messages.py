"""Every mistake that one can make in a scenario, and what one is told, word by word."""

import json
from pathlib import Path

import pytest
import yaml
from fleet_controller.errors import UserError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yml").read_text(encoding="utf-8"))


def block(what, where, why="", do=""):
    lines = [what, f"   where: {where}"]
    return "\n".join([*lines, *([f"   why:   {why}"] if why else []), *([f"   do:    {do}"] if do else [])])


def test_the_catalogue_that_the_others_break_is_sound(catalogue):
    catalogue.scenario()
    assert catalogue.compile().ids == ["baseline", "restart"]


@pytest.mark.parametrize("one", [pytest.param(one, id=one["mistake"]) for one in MISTAKES])
def test_a_mistake_in_a_scenario(catalogue, one):
    catalogue.scenario((one["old"], one["new"]))
    assert catalogue.refusal() == one["told"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            "- wait: {until: exit}",
            block(
                "waits for the exit of a bot that does not run",
                "scenarios/restart.yml:6: steps.1.wait",
                "no start stands before it, or the bot has ended since",
                "start it first",
            ),
        ),
        (
            "- start: {max_cycles: 3}\n- signal: TERM\n- signal: TERM",
            block(
                "sends a signal to a bot that does not run",
                "scenarios/restart.yml:8: steps.3.signal",
                "no start stands before it, or the bot has ended since",
                "start it first",
            ),
        ),
        (
            "- start: {max_cycles: unlimited}\n- wait: {until: exit}",
            block(
                "waits for the exit of a bot that does not end",
                "scenarios/restart.yml:7: steps.2.wait",
                "its max_cycles is unlimited or not given, so it never ends by itself",
                "give max_cycles, or a within",
            ),
        ),
        (
            "- start: {max_cycles: 3}\n- wait: {until: {cycles: 4}}",
            block(
                "waits for cycle 4 of a bot that ends after 3",
                "scenarios/restart.yml:7: steps.2.wait",
                "max_cycles says so",
                "raise max_cycles, or wait for less",
            ),
        ),
        (
            "- repeat: {times: 2, steps: [{start: {max_cycles: 3}}]}",
            block(
                "the bot is started while it runs",
                "scenarios/restart.yml:6: steps.1.repeat.steps.1.start",
                "one runs at a time",
                "end it first: a signal, or wait until exit",
            ),
        ),
        (
            "- repeat: {times: 2, steps: [{expect: [state_valid]}]}",
            block(
                "expectations cannot be repeated",
                "scenarios/restart.yml:6: steps.1.repeat.steps.1.expect",
                "they are judged once, at the end",
                "move them there",
            ),
        ),
    ],
)
def test_steps_that_cannot_work_in_this_order(catalogue, steps, told):
    catalogue.steps(f"{steps}\n- expect: [state_valid]")
    assert catalogue.refusal() == told


def test_a_scenario_that_expects_nothing_is_refused(catalogue):
    catalogue.steps("- start: {max_cycles: 3}")
    assert catalogue.refusal() == block(
        "expects nothing",
        "scenarios/restart.yml:5: steps",
        "a scenario that expects nothing proves nothing",
        "add a step `expect`",
    )


def test_a_broken_scenario_is_refused_even_if_nobody_chose_it(catalogue):
    catalogue.scenario(("steps:", "stpes:"))
    assert "unknown key `stpes`" in catalogue.refusal(scenarios="baseline")


def test_parameters_count_only_for_what_was_chosen(catalogue):
    catalogue.scenario(("  smoke: {cycles: 2, alive_for: 0.5s}\n", ""))
    assert catalogue.compile("baseline").ids == ["baseline"]


def test_mistakes_in_several_files_are_told_together(catalogue):
    catalogue.scenario(("row:", "rwo:"))
    catalogue.scenario(("id: restart", "id: other\nid: other"), name="other")
    told = catalogue.refusal()
    assert "the key `id` is there twice\n   where: scenarios/other.yml:2" in told
    assert "unknown key `rwo`\n   where: scenarios/restart.yml:2: rwo" in told


def test_without_a_baseline_there_is_no_run(catalogue):
    (catalogue.root / "scenarios/baseline.yml").unlink()
    assert catalogue.refusal().startswith("there is no baseline\n   where: scenarios/baseline.yml\n")


def test_an_unknown_profile(catalogue):
    assert catalogue.refusal(profile="standart") == block(
        "unknown profile `standart`", "profile", "there is: smoke, soak, standard", "did you mean `standard`?"
    )


def test_a_profile_that_inherits_from_nobody_known(catalogue):
    catalogue.write("profiles/soak.yml", "name: soak\ntitle: T\ninherits: standart\n")
    assert catalogue.refusal(profile="soak") == block(
        "unknown profile `standart`",
        "profiles/soak.yml:3: inherits",
        "there is: smoke, soak, standard",
        "did you mean `standard`?",
    )


def test_profiles_that_inherit_in_a_circle(catalogue):
    catalogue.write("profiles/standard.yml", "name: standard\ntitle: T\ninherits: soak\n")
    assert catalogue.refusal(profile="soak") == block(
        "profiles inherit in a circle",
        "profiles/standard.yml:3: inherits",
        "soak → standard → soak",
        "cut it here",
    )


@pytest.mark.parametrize("value", [5, ["smoke"], {"a": 1}, True])
@pytest.mark.parametrize("name", ["bot", "profile"])
def test_names_that_are_no_text(catalogue, name, value):
    told = catalogue.refusal(**{name: value})
    assert told.startswith(f"{value!r} is no name\n   where: {name}\n")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(-1, 9)
    | st.text("abc{}$%. ", max_size=6)
    | st.sampled_from(["2s", "unlimited", "exit", "{{ x }}", "{{ bot }}", "ledger", "finished", "{{ x.y }}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "start",
                    "wait",
                    "signal",
                    "fault",
                    "repeat",
                    "expect",
                    "until",
                    "within",
                    "then",
                    "cycles",
                    "times",
                    "steps",
                    "corrupt",
                    "file",
                    "text",
                    "exit_code",
                    "is",
                    "max_cycles",
                    "slow_disk",
                    "delay",
                    "except",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(VALUES, max_size=4),
    key=st.sampled_from(["steps", "needs", "parameters", "row", "weight"]),
    odd=VALUES,
)
def test_whatever_stands_in_a_file_it_is_compiled_or_refused(catalogue, steps, key, odd):
    known = {"id": "restart", "row": "3.3", "title": "T", "parameters": {"smoke": {"x": 2}}, "steps": steps}
    document = {**known, key: odd} if key != "steps" else known
    catalogue.write("scenarios/restart.yml", json.dumps(document))
    try:
        compiled = catalogue.compile()
    except UserError as error:
        assert "restart" in str(error)
    else:
        assert compiled.ids == ["baseline", "restart"]
