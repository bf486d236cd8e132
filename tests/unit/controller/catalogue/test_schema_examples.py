"""What a bot profile's schema shows as an example is right, and is told to whoever wrote something else there."""

import re
from pathlib import Path

import pytest
from fleet_controller.catalogue import located_yaml, schema
from fleet_controller.catalogue.schema_errors import complaints
from jsonschema import Draft202012Validator

BOT = schema.stored("bot")


def places(node, path=()):
    """Every schema of a mapping or a list below the profile, by the keys that lead there."""
    inner = [(key, item) for key, item in node.get("properties", {}).items()]
    inner += [("*", node[word]) for word in ("additionalProperties",) if isinstance(node.get(word), dict)]
    for key, item in inner:
        if item.get("type") in ("object", "array"):
            yield (*path, key), item
        yield from places(item, (*path, key))


@pytest.mark.parametrize(
    ("path", "place"), [pytest.param(*item, id=".".join(item[0])) for item in places(BOT)]
)
def test_every_mapping_and_list_has_an_example_that_is_right(path, place):
    (example,) = place["examples"]
    Draft202012Validator({**place, "$defs": BOT["$defs"]}).validate(example)


def told(line):
    key = re.match(r"\w+", line)[0]
    document = located_yaml.parse(line, Path("mine.yml"), "mine.yml")
    found = [problem for problem in complaints(document, document.value, BOT) if key in problem.where]
    return [(problem.why, problem.do) for problem in found]


@pytest.mark.parametrize(
    ("line", "why", "do"),
    [
        ("cycle: health", "a mapping", "cycle: {file: health, field: cycles_completed}"),
        ("argv: python main.py", "a list (not empty)", "argv: ['${python}', main.py]"),
        ("settings: {max_cycles: MAX_CYCLES}", "a mapping", "max_cycles: {variable: MAX_CYCLES}"),
        ("state: {health: file.json}", "a mapping", "health: {path: health.json, rewritten: cycle}"),
        ("exit_codes: {finished: zero}", "a list (not empty)", "finished: [0]"),
        ("memory_mb: lots", "a number (more than 0)", "memory_mb: 100"),
    ],
)
def test_another_kind_of_value_is_answered_with_the_example(line, why, do):
    assert told(line) == [(f"it has to be {why}", f"write {do}")]
