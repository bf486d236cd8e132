"""What is generated is what `make docs` would write now, and lies where people and programs see that it is."""

import subprocess

import pytest

from tools.docs import GENERATED, ROOT


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == GENERATED[path](), "run `make docs`"


FILES = {path for path in GENERATED if path.parent.name == "generated"}


def test_generated_folders_hold_what_is_generated_and_nothing_else():
    there = {path for folder in ("docs/generated", "schemas/generated") for path in (ROOT / folder).iterdir()}

    assert there == FILES


def test_git_knows_them_as_generated():
    asked = ["git", "check-attr", "linguist-generated", "--", *map(str, FILES)]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {line.rpartition(": ")[2] for line in answer.splitlines()} == {"set"}
