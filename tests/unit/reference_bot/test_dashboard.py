"""The dashboard tells what is on disk; with a broken numpy it says so, and shows no number at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BOT = Path(__file__).parents[3] / "reference_bot"

PROBE = """
import json
from dashboard.app import create_app
with create_app().test_client() as client:
    response = client.get("/api/leaderboard")
assert json.loads(response.data) == response.get_json()
print(json.dumps([response.status_code, response.get_json()]))
"""

WORKING_NUMPY = """
import statistics
std, mean = statistics.pstdev, statistics.fmean
print("numpy was imported", file=__import__("sys").stderr)
"""


@pytest.fixture
def ask(bot, tmp_path):
    """Asks for the leaderboard; ``numpy`` is the text of a stand-in, None means that none is installed."""

    def run(numpy=None):
        if numpy is not None:
            package = tmp_path / "fake/numpy"
            package.mkdir(parents=True)
            (package / "__init__.py").write_text(numpy)
        # -S: whatever is installed here is not seen.
        done = subprocess.run(
            [sys.executable, "-S", "-B", "-W", "error", "-c", PROBE],
            cwd=BOT,
            env={"STATE_DIR": str(bot.state), "PYTHONPATH": str(tmp_path / "fake")},
            capture_output=True,
            check=True,
        )
        run.stderr = done.stderr.decode()
        return json.loads(done.stdout)

    return run


def test_what_is_on_disk(ask, used_bot, read):
    status, [row] = ask()

    ledger = read(used_bot.ledger)
    assert status == 200
    assert (row["orders"], row["balance"]) == (3, ledger["balance"])
    assert 0 < row["volatility"] < 1


def test_before_the_first_run(ask):
    status, [row] = ask()

    assert (status, row["orders"], row["balance"], row["volatility"]) == (200, 0, 10_000, 0)


def test_numpy_is_used_where_there_is_one_and_the_number_is_the_same(ask, used_bot):
    _, [without] = ask()
    assert "numpy was imported" not in ask.stderr

    _, [with_numpy] = ask(WORKING_NUMPY)

    assert "numpy was imported" in ask.stderr
    assert with_numpy == without


@pytest.mark.parametrize(
    ("numpy", "error"),
    [
        ('raise ModuleNotFoundError("No module named \'numpy\'", name="numpy")', "ModuleNotFoundError"),
        ("import numpy._core", "ModuleNotFoundError: No module named 'numpy._core'"),
        ("", "AttributeError: module 'numpy' has no attribute 'std'"),
    ],
)
def test_a_broken_numpy_is_a_clear_failure(ask, used_bot, numpy, error):
    status, answer = ask(numpy)

    assert status == 500
    assert answer.keys() == {"error"}
    assert error in answer["error"]


@pytest.mark.parametrize("result", ["float('nan')", "float('inf')", "-1.0", "'x'", "1 / 0"])
def test_a_numpy_that_calculates_nonsense_is_a_clear_failure(ask, used_bot, result):
    status, answer = ask(f"def std(prices): return {result}\ndef mean(prices): return 1.0")

    assert status == 500
    assert answer.keys() == {"error"}


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"orders": 5}'])
def test_a_corrupt_ledger_is_a_clear_failure(ask, used_bot, content):
    used_bot.ledger.write_text(content)

    assert ask()[0] == 500
