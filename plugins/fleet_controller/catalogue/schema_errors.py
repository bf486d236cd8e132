"""What a schema has against a document, in words: which key, in which line, and what belongs there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from fleet_controller.catalogue import validity
from fleet_controller.catalogue.located_yaml import At, Document
from fleet_controller.messages.errors import Problem, did_you_mean, listed, there_is

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


_MISSING = " is missing"


def complaints(document: Document, value: Any, schema: Mapping[str, Any], at: At = ()) -> Iterator[Problem]:
    """All that ``schema`` has against ``value``, which stands at ``at`` in the document.

    A key that is missing because it is misspelled is told once, as misspelled.
    """
    speaker = _Speaker(document, schema, at)
    found = [problem for error in validity.errors(value, schema) for problem in speaker.tell(error)]
    meant = {problem.do for problem in found}
    for problem in found:
        key = problem.what.removesuffix(_MISSING)
        if key == problem.what or f"did you mean {key}?" not in meant:
            yield problem


class _Speaker:
    """Puts a validator's errors into words, for one document."""

    def __init__(self, document: Document, schema: Mapping[str, Any], at: At) -> None:
        self._document = document
        self._definitions = schema.get("$defs", {})
        self._at = at

    def tell(self, error: Any) -> Iterator[Problem]:
        """One error in words; where one of several forms was nearly met, what is wrong with that one."""
        at = (*self._at, *error.absolute_path)
        if error.validator in ("anyOf", "oneOf"):
            yield from self._alternatives(error, at)
        elif error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in (item for item in error.instance if item not in known):
                yield self._unknown(str(error.schema.get("x-noun", "key")), key, known, (*at, key), key=True)
        elif error.validator == "required":
            for key in (item for item in error.validator_value if item not in error.instance):
                if f"'{key}' is a required" in error.message:
                    about = self._resolved(error.schema.get("properties", {}).get(key, {})).get(
                        "description", ""
                    )
                    yield Problem(f"`{key}`{_MISSING}", self._document.where(at), about, f"add `{key}:` here")
        elif error.validator in ("minProperties", "maxProperties"):
            yield self._count(error, at)
        else:
            yield self._misfit(error, at)

    def _alternatives(self, error: Any, at: At) -> Iterator[Problem]:
        branches = [self._resolved(item) for item in error.validator_value]
        if all(set(branch) == {"required"} for branch in branches):
            if isinstance(error.instance, Mapping):  # of anything else its type is told
                yield self._one_key_of([branch["required"][0] for branch in branches], error.instance, at)
            return
        told: dict[int, list[Any]] = {}
        for item in error.context or ():
            told.setdefault(int(item.schema_path[0]), []).append(item)
        for number, errors in told.items():
            if branches[number] is not False and not any(self._is_other_kind(item) for item in errors):
                for item in errors:
                    yield from self.tell(item)
                return
        words = [word for form in self._forms(error.schema) for word in form.get("enum", ())]
        if isinstance(error.instance, str) and words:
            noun = str(error.schema.get("x-noun", "word"))
            yield self._unknown(noun, error.instance, words, at)
            return
        yield self._misfit(error, at)

    def _is_other_kind(self, error: Any) -> bool:
        """Whether an error of a branch says that another form was meant."""
        if error.relative_path:
            return False
        if error.validator in ("anyOf", "oneOf"):
            return all(self._is_other_kind(item) for item in error.context or ())
        return error.validator in ("type", "enum", "const", "pattern", None)

    def _misfit(self, error: Any, at: At) -> Problem:
        value, where = error.instance, self._document.where(at)
        if "propertyNames" in error.absolute_schema_path:
            where = self._document.where((*at, value), key=True)
        if error.validator == "enum" and isinstance(value, str):
            return self._unknown("word", value, list(map(str, error.validator_value)), at)
        belongs = self.expected(error.schema)
        do = ""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and "text" in belongs:
            do = f'put it in quotes: "{value}"'
        elif isinstance(value, str) and _is_number(value) and "number" in belongs:
            do = f"write it without quotes: {value}"
        elif isinstance(at[-1] if at else None, str):
            do = _as_in_the_example(str(at[-1]), error.schema)
        return Problem(f"{_described(value)} does not belong here", where, f"it has to be {belongs}", do)

    def _unknown(self, noun: str, word: str, known: Sequence[str], at: At, *, key: bool = False) -> Problem:
        do = did_you_mean(word, known, "take it out" if noun == "key" else "use one of these")
        where = self._document.where(at, key=key)
        return Problem(f"unknown {noun} `{word}`", where, there_is(word, known), do)

    def _count(self, error: Any, at: At) -> Problem:
        noun, count = str(error.schema.get("x-noun", "entry")), len(error.instance)
        if error.schema.get("maxProperties") == 1:
            told = (
                f"{count} {noun}s stand in one entry: {listed(error.instance)}"
                if count
                else f"no {noun} is named"
            )
            do = "give each a `- ` of its own" if count else f"name one: {listed(error.schema['properties'])}"
            return Problem(told, self._document.where(at), f"an entry holds one {noun}", do)
        return Problem("is empty", self._document.where(at), self._about(error), "fill it, or take it out")

    def _one_key_of(self, keys: Sequence[str], value: Mapping[str, Any], at: At) -> Problem:
        there = [key for key in keys if key in value]
        what = f"{listed(there)} cannot stand together" if there else "the kind is missing"
        return Problem(
            what, self._document.where(at), f"exactly one belongs here: {listed(keys)}", "choose one"
        )

    def _about(self, error: Any) -> str:
        return str(error.schema.get("description", ""))

    def _resolved(self, schema: Any) -> Any:
        if isinstance(schema, Mapping) and "$ref" in schema:
            referred = self._definitions[schema["$ref"].rpartition("/")[2]]
            return {**referred, **schema} if isinstance(referred, Mapping) else referred
        return schema

    def _forms(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """All forms that a value may have; a template is no form, it becomes one, and a key that is needed is none."""
        for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            one = self._resolved(branch)
            if (
                not isinstance(one, Mapping)
                or one.get("$ref") == "#/$defs/template"
                or set(one) == {"required"}
            ):
                continue
            if "title" not in one and ("anyOf" in one or "oneOf" in one):
                yield from self._forms(one)
            else:
                yield one

    def expected(self, schema: Any) -> str:
        """What a schema asks for, in words."""
        schema = self._resolved(schema)
        if not isinstance(schema, Mapping):
            return "nothing"
        if "title" in schema:
            return str(schema["title"])
        forms = list(self._forms(schema))
        if forms:
            return " or ".join(self.expected(form) for form in forms)
        if "enum" in schema:
            return " or ".join(map(_plain, schema["enum"]))
        if "const" in schema:
            return _plain(schema["const"])
        types = schema.get("type", ())
        told = " or ".join(_TYPES[item] for item in ([types] if isinstance(types, str) else types))
        limits = (("minimum", "at least"), ("exclusiveMinimum", "more than"), ("maximum", "at most"))
        said = " and ".join(f"{words} {schema[limit]:g}" for limit, words in limits if limit in schema)
        if schema.get("minLength") or schema.get("minItems"):
            said = "not empty"
        if "pattern" in schema:
            said = f"like {schema['pattern']}"
        return " ".join(filter(None, (told or "something else", f"({said})" if said else "")))


def _as_in_the_example(key: str, schema: Mapping[str, Any]) -> str:
    """What to write in place of a value of another kind, in one line of YAML; empty where the schema shows nothing."""
    for example in schema.get("examples", ()):
        text = yaml.safe_dump(example, default_flow_style=True, width=math.inf, sort_keys=False).strip()
        return f"write {key}: {text}"
    return f"write {key}: {json.dumps(schema['default'])}" if "default" in schema else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {json.dumps(value[:60], ensure_ascii=False)}"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing (an empty value)" if value is None else f"the value {json.dumps(value)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
