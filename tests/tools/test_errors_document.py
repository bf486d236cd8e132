"""docs/generated/errors.md says what the catalogue says."""

from tests.messages.catalogue import areas
from tools.errors_document import text


def test_every_message_is_on_the_page():
    page = text()
    for area in areas():
        assert f"## {area.title}" in page
        for entry in area.entries:
            assert entry.all_told[0].splitlines()[0].replace("${tmp}", "…") in page
