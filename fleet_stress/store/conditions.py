"""Conditions over a bot's files (``invariants`` of a profile), in JMESPath (jmespath.org/specification.html).

The language has no loops and knows no files, and the data are plain JSON: what a stranger writes can neither run nor
read anything. An evaluation is limited in steps and in the size of what it makes. Beyond the library: a number,
``true``, ``false`` and ``null`` may stand without backticks (``balance >= 0``), and ``len()`` is ``length()``, as in
``never_back``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jmespath
from jmespath import exceptions, functions, lexer, visitor

#: Nodes that an evaluation may visit, and the longest list or text that it may make on the way.
MOST_STEPS, LONGEST = 200_000, 1_000_000
#: Characters of a value that are shown.
_SHOWN = 80
_Node = Mapping[str, Any]
_CONSTANTS = ("true", "false", "null")
_BOOLEAN = ("and_expression", "or_expression", "not_expression", "comparator")
#: Their first child is looked up where they are, the others in what it found.
_INTO = ("subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection")


class Outcome(NamedTuple):
    """Whether a condition holds; None: that cannot be told, and ``why``. ``values``: what it compares, as shown."""

    holds: bool | None
    values: dict[str, str]
    why: str = ""


class Condition:
    """One condition. ``roots``: the names that it looks up in a document."""

    def __init__(self, text: str) -> None:
        """Raises ValueError where it cannot be read; the message says why."""
        self.text = text
        try:
            self._node: _Node = jmespath.compile(_with_literals(text)).parsed
            self.roots = frozenset(_roots(self._node))
            self._compared = dict(_compared(self._node))
            unknown = _unknown_function(self._node)
            if not self.roots:
                raise exceptions.JMESPathError("it names no file")
        except (exceptions.JMESPathError, RecursionError) as problem:
            raise ValueError(_first_line(problem)) from problem
        if unknown:
            raise ValueError(f"there is no function {unknown}()")

    def look(self, document: Mapping[str, Any]) -> Outcome:
        """Whether it holds for a document. A name that is missing in it, and does not matter, hinders nothing."""
        interpreter, found, why = _Interpreter(), None, ""
        try:
            found = interpreter.visit(self._node, document)
        except _TooMuch:
            return Outcome(None, {}, "it would take too long")
        except (exceptions.JMESPathError, RecursionError, TypeError, ValueError) as problem:
            why = _first_line(problem)  # a value is of another kind than it should be
        if found is not True and interpreter.absent:
            return Outcome(None, {}, f"there is no `{interpreter.absent[0]}`")
        return Outcome(found is True, self._values(document), why)

    def _values(self, document: Mapping[str, Any]) -> dict[str, str]:
        shown = {}
        for name, node in self._compared.items():
            try:
                shown[name] = json.dumps(_Interpreter().visit(node, document))[:_SHOWN]
            except (_TooMuch, exceptions.JMESPathError, RecursionError, TypeError, ValueError):
                continue
        return shown


class _TooMuch(Exception):
    """A limit of ours was reached."""


class _Functions(functions.Functions):  # type: ignore[misc]
    """Those of JMESPath, and one that is called as profiles call it."""

    @functions.signature({"types": ["string", "array", "object"]})  # type: ignore[untyped-decorator]
    def _func_len(self, value: Any) -> int:
        return len(value)


class _Interpreter(visitor.TreeInterpreter):  # type: ignore[misc]
    """Counts its steps, and remembers names that were looked up and are not there."""

    def __init__(self) -> None:
        super().__init__(visitor.Options(custom_functions=_Functions()))
        self.absent: list[str] = []
        self._left = MOST_STEPS

    def visit(self, node: _Node, *args: Any, **kwargs: Any) -> Any:
        self._left -= 1
        found = super().visit(node, *args, **kwargs) if self._left >= 0 else None
        if self._left < 0 or (isinstance(found, (list, str)) and len(found) > LONGEST):
            raise _TooMuch
        return found

    def visit_field(self, node: _Node, value: Any) -> Any:
        if not isinstance(value, dict) or node["value"] not in value:
            self.absent.append(node["value"])
        return super().visit_field(node, value)


def _with_literals(text: str) -> str:
    """Put numbers and constants between backticks, where JMESPath wants them."""
    tokens = list(lexer.Lexer().tokenize(text))
    out, done, number = [], 0, 0
    while number < len(tokens):
        token, before = tokens[number], tokens[number - 1]["type"] if number else ""
        last = token
        if token["type"] == "number":
            decimals = tokens[number + 1 : number + 3]
            starts = [part["start"] for part in decimals]
            if [part["type"] for part in decimals] == ["dot", "number"] and starts == [
                token["end"],
                token["end"] + 1,
            ]:
                last, number = decimals[-1], number + 2
        after = tokens[number + 1]["type"] if number + 1 < len(tokens) else ""
        index = "colon" in (before, after) or (before, after) == ("lbracket", "rbracket")
        constant = token["type"] == "unquoted_identifier" and token["value"] in _CONSTANTS and before != "dot"
        if constant or (token["type"] == "number" and not index):
            out += [text[done : token["start"]], "`", text[token["start"] : last["end"]], "`"]
            done = last["end"]
        number += 1
    return "".join([*out, text[done:]])


def _roots(node: _Node) -> Iterator[str]:
    """Names that are looked up in the document itself."""
    if node["type"] == "field":
        yield node["value"]
    elif node["type"] == "current":
        raise exceptions.JMESPathError("`@` at its beginning stands for all files together: name a role")
    elif node["type"] != "expref":
        children = node["children"][:1] if node["type"] in _INTO else node["children"]
        for child in children:
            if isinstance(child, Mapping):
                yield from _roots(child)


def _compared(node: _Node) -> Iterator[tuple[str, _Node]]:
    """What it compares, and how that is written."""
    for child in node["children"] if node["type"] in _BOOLEAN else (node,):
        if child["type"] in _BOOLEAN:
            yield from _compared(child)
        elif child["type"] != "literal":
            yield _written(child), child


def _written(node: _Node) -> str:
    """A node as its author may have written it."""
    kind, children = node["type"], [child for child in node["children"] if isinstance(child, Mapping)]
    if kind == "field":
        return str(node["value"])
    if kind == "literal":
        return json.dumps(node["value"])
    if kind == "function_expression":
        return f"{node['value']}({', '.join(map(_written, children))})"
    if kind == "index":
        return f"[{node['value']}]"
    if kind == "multi_select_list":
        return f"[{', '.join(map(_written, children))}]"
    if kind == "subexpression":
        return ".".join(map(_written, children))
    if kind == "index_expression":
        return "".join(map(_written, children))
    return f"{_written(children[0])} …" if children else ""


def _unknown_function(node: _Node) -> str | None:
    if node["type"] == "function_expression" and node["value"] not in _Functions.FUNCTION_TABLE:
        return str(node["value"])
    children = (child for child in node["children"] if isinstance(child, Mapping))
    return next(filter(None, map(_unknown_function, children)), None)


def _first_line(problem: BaseException) -> str:
    """What JMESPath says, without its repetition of the whole text."""
    if isinstance(problem, RecursionError):
        return "it is nested too deeply"
    words = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    words = words.partition(", for expression")[0].strip().rstrip(":.")
    return re.sub(r"^(Bad|Invalid) jmespath expression: ", "", words, flags=re.IGNORECASE)


def of_profile(bot: Mapping[str, Any]) -> dict[str, Condition]:
    """The invariants of a profile that was checked, by name."""
    return {name: Condition(text) for name, text in (bot.get("invariants") or {}).items()}
