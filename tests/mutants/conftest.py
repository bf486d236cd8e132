"""A bench for each test, and what the mutants' table is made of."""

import json
import os
import tempfile
import time
from pathlib import Path

import pytest

from fleet_stress import place

from .bench import Bench


@pytest.fixture
def bench():
    """A place of ours that the bots' user can reach, outside the shared temporary folders."""
    base = "/var/lib" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-mutant-", dir=base))
    folder.chmod(0o755)
    (folder / place.MARKER).write_text("{}")
    bench = Bench(folder)
    yield bench
    bench.clear()


@pytest.fixture
def tell(record_property):
    """``tell(mutant=…, killed=…)``: a line of the table at the end of `make test` (table.py)."""
    began = time.monotonic()

    def tell(**facts):
        record_property("mutants", json.dumps({**facts, "seconds": round(time.monotonic() - began, 1)}))

    return tell
