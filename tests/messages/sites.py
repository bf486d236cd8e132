"""Where our source makes a message: found by walking it, so that none is forgotten.

What is constant in a message is compared with what the catalogue holds; ``{…}`` of an f-string may be anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

#: Said in up to four parts: what, where, why, do.
STRUCTURED = ("UserError", "Problem", "Impossible", "problem")
#: One sentence that a person reads as it is, or behind the name of a host.
SENTENCES = (
    *(
        "Refused",
        "Occupied",
        "BotCopyError",
        "EnvironmentFailed",
        "GatherError",
        "LabFailed",
        "NoRoom",
        "ArenaFailed",
    ),
    *(
        "Unsupported",
        "Unable",
        "Damaged",
        "Hostile",
        "NotOurs",
        "PermissionError",
        "AnsibleError",
        "AnsibleFilterError",
    ),
    *("fail_json", "exit"),
)
#: A text with fewer letters of its own hands on what another place says.
_OWN = 6


class Site(NamedTuple):
    """One place; ``texts`` is what it may say first, one for each way that the text can come about."""

    path: str
    line: int
    kind: str
    texts: tuple[str, ...]

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


def sites(root: Path) -> Iterator[Site]:
    """All of them."""
    for folder, pattern in (
        ("plugins", "*.py"),
        ("library", "*.py"),
        ("fleet_stress", "*.py"),
        ("lab", "__main__.py"),
        ("lab", "lab.py"),
    ):
        for path in sorted((root / folder).rglob(pattern)):
            if not path.name.startswith("test_"):
                yield from of_python(path, str(path.relative_to(root)))
    for folder in ("playbooks", "roles"):
        for path in sorted((root / folder).rglob("*.yml")):
            yield from _of_tasks(path, str(path.relative_to(root)))
    path = root / "requirements/setup.sh"
    for found in re.finditer(r'\bfail "(.*)"$', path.read_text(encoding="utf-8"), re.MULTILINE):
        text = re.sub(r"\$\w+|\$\{\w+\}", "\0", found[1])
        line = path.read_text(encoding="utf-8")[: found.start()].count("\n") + 1
        yield Site("requirements/setup.sh", line, "fail", (text,))


def pattern(text: str) -> re.Pattern[str]:
    """Matches what a text with holes (``\\0``) becomes."""
    return re.compile(".*".join(re.escape(part) for part in text.split("\0")), re.DOTALL)


def says_something(text: str) -> bool:
    """Whether a text has words of its own."""
    return sum(item.isalpha() for item in text) >= _OWN


def of_python(path: Path, shown: str) -> Iterator[Site]:
    """Those of one file; ``shown`` is its name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.Module)):
            for node in _own(scope):
                kind, said = _message(node)
                if said is not None:
                    texts = tuple(text for text in _texts(said, scope) if says_something(text))
                    if texts:
                        yield Site(shown, node.lineno, kind, texts)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a function and to none inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting += ast.iter_child_nodes(node)


def _message(node: ast.AST) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.Dict):
        keys = {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
        return "failed", keys.get("msg") if "failed" in keys else None
    if not isinstance(node, ast.Call):
        return "", None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    first = node.args[0] if node.args else None
    if name in STRUCTURED or (name == "add" and "problems" in ast.unparse(node.func)):
        return "UserError", first
    if name == "print":
        return "stderr", first if any(keyword.arg == "file" for keyword in node.keywords) else None
    if name in SENTENCES:
        return name, first or next((keyword.value for keyword in node.keywords if keyword.arg == "msg"), None)
    return "", None


def _texts(node: ast.expr, scope: ast.AST) -> Iterator[str]:
    """What an expression may become; a name is looked up where it was set in the same function."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body, scope)
        yield from _texts(node.orelse, scope)
    elif isinstance(node, ast.Name):
        for item in _own(scope):
            if isinstance(item, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == node.id for target in item.targets
            ):
                yield from _texts(item.value, ast.Pass())
    else:
        text = _text(node)
        if text is not None:
            yield text


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else "\0"
            for value in node.values
        )
    return None


def _of_tasks(path: Path, shown: str) -> Iterator[Site]:
    text = path.read_text(encoding="utf-8")
    for task in _tasks(yaml.load(text, yaml.CSafeLoader)):
        for module, word in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
            if module in task:
                said = re.sub(r"\{\{.*?\}\}", "\0", str(task[module][word]), flags=re.DOTALL).strip()
                if says_something(said):
                    line = text[: text.index(str(task["name"]))].count("\n") + 1
                    yield Site(shown, line, word, (said,))


def _tasks(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _tasks(value)
    elif isinstance(node, list):
        for item in node:
            yield from _tasks(item)
