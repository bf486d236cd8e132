"""The fixture ``mac``: ``from tests.doubles.fixture import mac`` in a conftest.py or a test's file."""

import pytest

from tests.doubles.mac import Mac


@pytest.fixture
def mac(tmp_path_factory, monkeypatch):
    """The engine is on a Mac made of doubles; in the end nothing may be left of what was done to it."""
    made = Mac(tmp_path_factory.mktemp("mac"))
    made.enter(monkeypatch.setattr)
    yield made
    assert made.left() == []
