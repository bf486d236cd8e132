"""The fast validator accepts nothing that jsonschema refuses; what it does not accept, jsonschema decides."""

import copy
import datetime
import subprocess
import sys

import jsonschema
import pytest
import yaml
from fleet_controller.catalogue import schema, validity
from fleet_controller.catalogue.project import ROOT
from fleet_controller.catalogue.vocabulary import Vocabulary
from hypothesis import given
from hypothesis import strategies as st

WRITTEN = schema.of_scenario(Vocabulary.of_engine())
SCHEMAS = {
    "scenarios": WRITTEN,
    "bots": schema.stored("bot"),
    "profiles": schema.stored("profile"),
    "tests/mutants": schema.stored("mutant"),
}
DOCUMENTS = [
    (schema_, yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    for folder, schema_ in SCHEMAS.items()
    for path in sorted((ROOT / folder).glob("*.yml"))
    if not path.name.endswith(".known.yml")
]
STRANGE = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates(),
    st.sampled_from(["", "a\n", "٣", "1s", "{{ x }}", "\ud800", 10**30, -0.0, 1.0, b"x"]),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3) | st.integers(), st.none(), max_size=2),
)


def places(node):
    """Each container below a document, with each key of it."""
    for key, item in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(item, (dict, list)):
            yield from places(item)


@given(st.data())
def test_it_is_never_more_lenient(data):
    schema_, document = data.draw(st.sampled_from(DOCUMENTS))
    changed = copy.deepcopy(document)
    parent, key = data.draw(st.sampled_from(list(places(changed))))
    how = data.draw(st.sampled_from(["put", "drop", "add"]))
    if how == "put":
        parent[key] = data.draw(STRANGE)
    elif how == "drop":
        del parent[key]
    elif isinstance(parent, dict):
        parent[data.draw(st.text(max_size=3) | st.integers())] = data.draw(STRANGE)
    else:
        parent.append(data.draw(STRANGE))

    if validity.accepted(changed, schema_):
        jsonschema.Draft202012Validator(schema_).validate(changed)


@pytest.mark.parametrize("schema_", SCHEMAS.values(), ids=SCHEMAS)
def test_it_knows_all_that_the_schemas_use_and_so_is_asked_first(schema_):
    assert all(validity.accepted(document, of) for of, document in DOCUMENTS if of is schema_)


@pytest.mark.parametrize("value", [datetime.date(2026, 1, 1), "\ud800"], ids=["a date", "half a character"])
def test_what_it_cannot_read_is_decided_by_jsonschema(value):
    assert not validity.accepted(value, {"type": ["string", "number"]})
    told = [error.validator for error in validity.errors(value, {"type": "number"})]
    assert told == ["type"]
    assert list(validity.errors("\ud800", {"type": "string"})) == []


def test_of_several_errors_the_worst_is_told():
    written = {"properties": {"a": {"properties": {"b": {"type": "null"}}}, "c": {"type": "null"}}}

    assert list(validity.worst({"a": {"b": 1}, "c": 1}, written).absolute_path) == ["c"]
    assert validity.worst({"a": {"b": None}}, written) is None


def test_schemas_that_are_made_and_dropped_are_not_mistaken_for_each_other(monkeypatch):
    monkeypatch.setattr(validity, "_MOST_BUILT", 3)
    for number in range(20):
        assert validity.accepted(number, {"const": number})
        assert not validity.accepted(number, {"const": number + 1})
    assert len(validity._BUILT) <= 3


def test_where_nothing_is_wrong_jsonschema_is_not_even_imported():
    compiles = (
        "from fleet_controller.planning.compile_command import compile_command; import sys;"
        "compile_command('reference', 'smoke', 'all'); sys.exit('jsonschema' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", compiles], check=True)
