"""docs/errors.md is what the catalogue says."""

from tests.messages.catalogue import areas
from tests.messages.document import PAGE, page


def test_the_page_is_written_from_the_catalogue():
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m tests.messages.document"


def test_every_message_is_on_the_page():
    text = page()
    for area in areas():
        assert f"## {area.title}" in text
        for entry in area.entries:
            assert entry.all_told[0].splitlines()[0].replace("${tmp}", "…") in text
