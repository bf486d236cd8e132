"""A bench for each test, and what the mutants' table is made of."""

import json
import time

import pytest

from .bench import bench_of_ours


@pytest.fixture
def bench():
    with bench_of_ours() as bench:
        yield bench


@pytest.fixture
def tell(record_property):
    """``tell(mutant=…, killed=…)``: a line of the table at the end of `make test` (table.py)."""
    began = time.monotonic()

    def tell(**facts):
        record_property("mutants", json.dumps({**facts, "seconds": round(time.monotonic() - began, 1)}))

    return tell
