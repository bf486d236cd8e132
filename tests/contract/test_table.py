"""docs/macos.md says of each fault where it is proved."""

from tests.contract.table import table, written


def test_the_table_of_the_document_is_what_the_tests_come_to():
    assert written() == table(), "write it anew: python -m tests.contract.table"
