"""The schemas: what a file may say, for editors and for us from the same text.

``schemas/scenario.schema.json`` refers to ``generated/scenario-words.schema.json``, which names every fault and check
with its arguments, so that an editor can offer them. ``make docs`` writes that file from the engine's registries; what
runs here always takes the words from the registries.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.catalogue.project import ROOT
from fleet_controller.catalogue.vocabulary import CheckWords, Vocabulary
from fleet_stress.faulty_fs.shipped import rules

Schema = dict[str, Any]
_TEMPLATE: Schema = {"$ref": "#/$defs/template"}
_DURATION: Schema = {"$ref": "#/$defs/duration"}
#: Said of a schema, not by it.
_WORDS = ("description", "default", "title")


def stored(name: str) -> Schema:
    """``schemas/<name>.schema.json``, whole: what it refers to in other files is among its own definitions."""
    return _whole(ROOT / "schemas" / f"{name}.schema.json")


def _whole(path: Path) -> Schema:
    schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    files = set()
    for node in _referring(schema):
        file, _, definition = node["$ref"].partition("#")
        if file:
            files.add(file)
            node["$ref"] = f"#{definition}"
    for file in sorted(files):
        schema["$defs"] = {**_whole(path.parent / file)["$defs"], **schema.get("$defs", {})}
    return schema


def _referring(node: Any) -> Iterator[Schema]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node
        for inner in node.values():
            yield from _referring(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _referring(inner)


def of_scenario(vocabulary: Vocabulary) -> Schema:
    """The schema of a scenario as it is written, templates and all."""
    schema = stored("scenario")
    schema["$defs"].update(words(vocabulary))
    return schema


def words(vocabulary: Vocabulary) -> dict[str, Schema]:
    """The definitions that the engine's registries make."""
    fault = _one_of_these(
        "fault",
        "Apply a fault of the engine.",
        {name: _templated(arguments) for name, arguments in vocabulary.faults.items()},
    )
    checks = _one_of_these(
        "check",
        "A check with its arguments.",
        {name: _check(check) for name, check in vocabulary.checks.items()},
    )
    expectation = {
        "x-noun": "check",
        "description": "A check, with its arguments if it has any.",
        "anyOf": [{"enum": list(vocabulary.checks)}, checks],
    }
    return {"fault": fault, "expectation": expectation, "answer": _templated(rules.ANSWER)}


def worked_out(schema: Schema) -> Schema:
    """The same when all templates are worked out: none may be left."""
    strict = copy.deepcopy(schema)
    strict["$defs"]["template"] = False
    return strict


def _one_of_these(noun: str, description: str, properties: Mapping[str, Any]) -> Schema:
    return {
        "x-noun": noun,
        "description": description,
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": dict(properties),
    }


def _check(words: CheckWords) -> Schema:
    arguments = _templated(words.arguments)
    about = {"description": words.title} if words.title else {}
    if words.short is None:
        return {**arguments, **about}
    return {**about, "anyOf": [arguments, _without_words(arguments["properties"][words.short])]}


def _templated(schema: Mapping[str, Any]) -> Schema:
    """The schema of some arguments, where a template may stand for any value."""
    properties = schema.get("properties", {})
    return {**schema, "properties": {name: _or_template(item) for name, item in properties.items()}}


def _or_template(schema: Mapping[str, Any]) -> Schema:
    about = {word: schema[word] for word in _WORDS if word in schema}
    inner = _without_words(schema)
    if inner.get("unit") == "s":
        return {**about, **_DURATION}
    if inner.get("type") == "object":
        inner = _templated(inner)
    if inner == {"type": "string"}:
        return {**about, **inner}
    if isinstance(inner.get("items"), Mapping):
        inner["items"] = _or_template(inner["items"])
    return {**about, "anyOf": [inner, _TEMPLATE]}


def _without_words(schema: Mapping[str, Any]) -> Schema:
    return {name: value for name, value in schema.items() if name not in _WORDS}


def is_duration(schema: Mapping[str, Any]) -> bool:
    """Whether an argument of a fault or check is written as a duration and handed over in seconds."""
    return schema.get("unit") == "s"
