"""A host's place for each test."""

import pytest

from tests.mutants.bench import bench_of_ours


@pytest.fixture
def bench():
    with bench_of_ours() as bench:
        yield bench
