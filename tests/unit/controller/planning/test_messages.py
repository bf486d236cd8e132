"""Every mistake that one can make in a scenario, and what one is told, word by word.

These are part of the catalogue of all messages, tests/messages/, which holds those that take a file of their own.
"""

import json
from pathlib import Path

import pytest
import yaml
from fleet_controller.messages.errors import UserError
from hypothesis import given
from hypothesis import strategies as st

MISTAKES = yaml.load(Path(__file__).with_name("mistakes.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)


def test_the_catalogue_that_the_others_break_is_sound(catalogue):
    catalogue.scenario()
    assert catalogue.compile().ids == ["baseline", "restart"]


@pytest.mark.parametrize("one", [pytest.param(mistake, id=mistake["mistake"]) for mistake in MISTAKES])
def test_a_mistake_in_a_scenario(catalogue, one):
    catalogue.scenario((one["old"], one["new"]))
    assert catalogue.refusal() == one["told"]


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
