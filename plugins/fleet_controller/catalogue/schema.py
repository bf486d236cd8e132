"""The schemas: what a file may say, for editors and for us from the same text.

``schemas/scenario.schema.json`` names every fault and check with its arguments, so that an editor can offer
them. These two definitions are written from the engine's registries by

    python -m fleet_controller.catalogue.schema

and a test compares; what runs here always takes them from the registries.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
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
    """``schemas/<name>.schema.json`` as it stands there."""
    path = ROOT / "schemas" / f"{name}.schema.json"
    loaded: Schema = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def of_scenario(vocabulary: Vocabulary) -> Schema:
    """The schema of a scenario as it is written, templates and all."""
    schema = stored("scenario")
    schema["$defs"]["fault"] = _one_of_these(
        "fault",
        "Apply a fault of the engine.",
        {name: _templated(arguments) for name, arguments in vocabulary.faults.items()},
    )
    schema["$defs"]["answer"] = _templated(rules.ANSWER)
    schema["$defs"]["expectation"] = {
        "x-noun": "check",
        "description": "A check, with its arguments if it has any.",
        "anyOf": [
            {"enum": list(vocabulary.checks)},
            _one_of_these(
                "check",
                "A check with its arguments.",
                {name: _check(words) for name, words in vocabulary.checks.items()},
            ),
        ],
    }
    return schema


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


def write(names: Iterable[str] = ("scenario",), folder: Path = ROOT / "schemas") -> None:
    """Write the schemas anew from the engine's registries."""
    vocabulary = Vocabulary.of_engine()
    for name in names:
        text = json.dumps(of_scenario(vocabulary), indent=2, ensure_ascii=False)
        (folder / f"{name}.schema.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
