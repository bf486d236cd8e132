"""Each YAML file of the catalogue names its schema on top, so that editors complete and explain its words."""

import json

import pytest
from fleet_controller.catalogue.located_yaml import read
from fleet_controller.catalogue.project import ROOT
from fleet_controller.catalogue.schema import stored
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMAS = {"scenarios": "scenario", "bots": "bot", "profiles": "profile", "tests/mutants": "mutant"}
COMMENT = "# yaml-language-server: $schema="
SCHEMA_FILES = {
    path.relative_to(ROOT / "schemas").as_posix(): Resource.from_contents(json.loads(path.read_text("utf-8")))
    for path in (ROOT / "schemas").rglob("*.json")
}
FILES = [(path, name) for folder, name in SCHEMAS.items() for path in sorted((ROOT / folder).glob("*.yml"))]

each = pytest.mark.parametrize(
    ("path", "name"), FILES, ids=[path.relative_to(ROOT).as_posix() for path, _ in FILES]
)


@each
def test_its_first_comment_names_its_schema(path, name):
    start, comment, *_ = path.read_text(encoding="utf-8").splitlines()

    assert start == "---"
    assert comment.startswith(COMMENT)
    assert (path.parent / comment.removeprefix(COMMENT)).resolve() == ROOT / f"schemas/{name}.schema.json"


@each
def test_an_editor_has_nothing_against_it(path, name):
    """It follows references from file to file, which the controller does not."""
    schema = SCHEMA_FILES[f"{name}.schema.json"]
    editor = Draft202012Validator(schema.contents, registry=Registry().with_resources(SCHEMA_FILES.items()))

    assert [error.message for error in editor.iter_errors(read(path, path.name).value)] == []


@pytest.mark.parametrize("name", SCHEMAS.values())
def test_every_key_can_be_explained(name):
    assert list(without_description(stored(name), ())) == []


def without_description(schema, at):
    """Where a property says nothing about itself; what it refers to may say it."""
    if isinstance(schema, list):
        for item in schema:
            yield from without_description(item, at)
    if isinstance(schema, dict):
        for key, item in schema.get("properties", {}).items():
            if isinstance(item, dict) and not {"description", "$ref", "const"} & set(item):
                yield ".".join((*at, key))
        for key, item in schema.items():
            if isinstance(item, (dict, list)):
                yield from without_description(item, (*at, key))
