"""A task's name says alone what the task does: a job's view and a log have nothing else beside it."""

import re

import pytest
import yaml

from tests.messages.catalogue import ROOT

FILES = [
    *sorted((ROOT / "playbooks").rglob("*.yml")),
    *sorted((ROOT / "roles").glob("*/tasks/*.yml")),
]
#: "Copy it", "Remove its group", "Leave alone whoever …": of something that only another line has named.
_LEANS = re.compile(r"^\w+ (it|its|them|their)\b|\b(it|them|there)$|\bwhoever\b")


def names(node):
    """Every `name` of a play, block or task."""
    if isinstance(node, list):
        for item in node:
            yield from names(item)
    elif isinstance(node, dict):
        if isinstance(node.get("name"), str):
            yield node["name"]
        for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks"):
            yield from names(node.get(key))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_name_leans_on_no_other(file):
    leaning = [
        name for name in names(yaml.safe_load(file.read_text(encoding="utf-8"))) if _LEANS.search(name)
    ]
    assert leaning == []
