"""Each message of the catalogue is what one really gets, word by word, by the mistake that it names."""

import pytest

from tests.messages.catalogue import entries
from tests.messages.ways import told, with_each

#: Mistakes in scenarios have a test beside what they break: tests/unit/controller/planning/test_messages.py.
PROVOKED = [entry for entry in entries() if entry.way]


@pytest.mark.parametrize("entry", [pytest.param(item, id=item.name) for item in PROVOKED])
def test_the_mistake_leads_to_the_message(entry, tmp_path):
    for number, (word, expected) in enumerate(zip(entry.each or [""], entry.all_told, strict=True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = "\n".join(line.rstrip() for line in told(with_each(entry.way, word), folder).splitlines())
        assert said == expected


def test_every_message_has_a_name_of_its_own():
    names = [entry.name for entry in entries()]
    assert sorted(set(names)) == sorted(names)
