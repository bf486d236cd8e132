"""``{{ … }}`` in scenarios and profiles: worked out on the controller, so that a plan holds plain values.

A text that is one expression becomes that expression's value, with its type; anything else becomes text.
Nothing random and nothing that changes from run to run can be said in it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from fleet_controller.catalogue.located_yaml import At, Document
from fleet_controller.messages.errors import Problems, did_you_mean, listed

_SEPARATOR = "\0"


class _Undefined(StrictUndefined):
    """Carries out of Jinja which name was missing, and which were there."""

    @property
    def _undefined_message(self) -> str:
        there = self._undefined_obj if isinstance(self._undefined_obj, Mapping) else {}
        known = _SEPARATOR.join(map(str, there))
        return f"{self._undefined_name}{_SEPARATOR}{int(self._undefined_obj is missing)}{_SEPARATOR}{known}"


class _NotPlain(Exception):
    """A template came to something that no plan can hold."""


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=_Undefined, keep_trailing_newline=True)
    environment.globals.clear()
    del environment.filters["random"]
    return environment


_ENVIRONMENT = _environment()


def is_template(value: Any) -> bool:
    """Whether a value is text that has to be worked out."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def render(document: Document, value: Any, at: At, names: Mapping[str, Any], problems: Problems) -> Any:
    """A copy of ``value`` (which stands at ``at``) with all templates worked out.

    What cannot be worked out goes to ``problems`` with its place, and becomes None.
    """
    if isinstance(value, dict):
        return {key: render(document, item, (*at, key), names, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [render(document, item, (*at, number), names, problems) for number, item in enumerate(value)]
    if not is_template(value):
        return value
    where = document.where(at)
    try:
        return _plain(_work_out(value, names))
    except UndefinedError as problem:
        name, is_top, *known = str(problem).split(_SEPARATOR)
        if is_top == "1":
            known = sorted(names)
        there = sorted(word for word in known if word)
        problems.add(
            f"`{name}` is not defined", where, f"there is: {listed(there)}", did_you_mean(name, there)
        )
    except TemplateSyntaxError as problem:
        problems.add("is no valid template", where, str(problem.message), f"correct it: {value}")
    except _NotPlain as problem:
        problems.add("cannot be worked out", where, str(problem), f"correct it: {value}")
    except Exception as problem:  # whatever an expression can raise: a division by zero, a wrong type
        problems.add(
            "cannot be worked out", where, f"{type(problem).__name__}: {problem}", f"correct it: {value}"
        )
    return None


def _work_out(text: str, names: Mapping[str, Any]) -> Any:
    value = _compiled(text)(**names)
    if isinstance(value, _Undefined):
        str(value)
    return value


@functools.lru_cache(maxsize=2000)  # the catalogue has some hundred texts, and most stand in it several times
def _compiled(text: str) -> Callable[..., Any]:
    stripped = text.strip()
    body = _ENVIRONMENT.parse(stripped).body
    output = body[0] if len(body) == 1 else None
    if isinstance(output, nodes.Output) and len(output.nodes) == 1 and stripped.startswith("{{"):
        inner = stripped[2:-2].removeprefix("-").removesuffix("-")
        return _ENVIRONMENT.compile_expression(inner, undefined_to_none=False)
    return _ENVIRONMENT.from_string(text).render


def _plain(value: Any) -> Any:
    """The value as JSON could hold it. Raises _NotPlain."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    raise _NotPlain(f"{type(value).__name__} is no plain value; end a chain of filters with `| list`")
