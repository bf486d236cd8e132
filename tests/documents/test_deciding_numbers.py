"""docs/deciding-numbers.md has each number of ours that can decide whether a bot passes, and why it is one."""

import ast
import re

import yaml

from .pages import ROOT

PAGE = ROOT / "docs/deciding-numbers.md"
#: Where numbers are that a verdict may come from: what judges, what need not happen, what plans the waits.
PLACES = (
    "fleet_stress/judge",
    "fleet_stress/scenario/told_waits.py",
    "plugins/fleet_controller/planning/deadlines.py",
    "plugins/fleet_controller/planning/steps",
)
_NAME = re.compile(r"^_?[A-Z][A-Z_0-9]*$")


def constants():
    """``file.py NAME`` of each constant that is a number, in all places."""
    for place in PLACES:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign) and _is_number(node.value):
                    for name in _names(node.targets[0]):
                        yield f"{file.relative_to(ROOT)} {name}"


def _is_number(value):
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return bool(parts) and all(
        isinstance(part, (ast.Constant, ast.BinOp))
        and all(
            isinstance(leaf.value, (int, float)) for leaf in ast.walk(part) if isinstance(leaf, ast.Constant)
        )
        for part in parts
    )


def _names(target):
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return [name.id for name in names if isinstance(name, ast.Name) and _NAME.match(name.id)]


def expected_numbers():
    """``scenarios CHECK.ARGUMENT`` of each number that a scenario gives to a check."""
    for path in sorted((ROOT / "scenarios").glob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for step in _all(document["steps"]):
            for expected in step.get("expect", ()):
                for check, arguments in expected.items() if isinstance(expected, dict) else ():
                    given = arguments if isinstance(arguments, dict) else {"": arguments}
                    for name, value in given.items():
                        if re.search(r"[0-9{]", str(value)):
                            yield f"scenarios {check}{'.' if name else ''}{name}"


def _all(steps):
    for step in steps:
        yield step
        for inner in step.values():
            for name in ("steps", "under", "then"):
                if isinstance(inner, dict) and isinstance(inner.get(name), list):
                    yield from _all(inner[name])
            if isinstance(inner, dict) and "expect" in inner:
                yield {"expect": inner["expect"]}


def told():
    """Of each row of the page, what it is about: the first column without its marks."""
    rows = re.findall(
        r"^\| `([^|]+)` \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert all(reason.strip() for _, _, reason in rows)
    return {name for names, _, _ in rows for name in names.split("`, `")}


def test_each_number_has_a_row_and_a_reason():
    known = told()
    there = {*constants(), *expected_numbers()}

    assert sorted(there - known) == [], "write what it can decide, and why it is a number of ours"
    assert sorted(known - there) == [], "these numbers are gone"
