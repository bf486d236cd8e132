"""The compressed soak of `standard` finds leaks of known size, with their slope, and blames no healthy bot."""

import subprocess
import sys

import pytest

from .mutant import ROOT


@pytest.mark.long
def test_leaks_of_known_size_are_found_in_the_time_of_standard():
    argv = [sys.executable, "-m", "tests.mutants.leaks"]
    told = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
