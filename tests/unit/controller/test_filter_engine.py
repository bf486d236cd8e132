"""plugins/filter/engine.py: which wheels a host needs, and which of them it has."""

import importlib.util
import json
from pathlib import Path

import pytest

FILE = Path(__file__).parents[3] / "plugins/filter/engine.py"
LINUX = "Linux/x86_64/glibc"


@pytest.fixture(scope="module")
def wheels():
    spec = importlib.util.spec_from_file_location("filter_engine", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FilterModule().filters()["stress_wheels"]


@pytest.fixture
def gathered():
    files = ["fleet_stress-1.whl", "pip-25.whl", "psutil-7.whl"]
    return {"stdout": json.dumps({LINUX: {"folder": "/cache/0f", "key": "0f", "files": files}})}


def test_what_a_host_has_is_not_brought_again(wheels, gathered):
    assert wheels(gathered, LINUX, "/ours", ["wheels/0f/pip-25.whl", "wheels/1a/psutil-7.whl"]) == {
        "problem": "",
        "source": "/cache/0f",
        "folder": "/ours/wheels/0f",
        "missing": ["fleet_stress-1.whl", "psutil-7.whl"],
        "pip": "/ours/wheels/0f/pip-25.whl",
        "others": ["/ours/wheels/0f/fleet_stress-1.whl", "/ours/wheels/0f/psutil-7.whl"],
    }


def test_a_platform_without_wheels_is_this_hosts_problem(wheels):
    said = {"stdout": json.dumps({LINUX: {"error": "there is no wheel"}})}
    assert wheels(said, LINUX, "/ours", []) == {"problem": "there is no wheel"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"stdout": "", "stderr": "Traceback: no pip\n"}, "no pip"),
        ({"stdout": "not json", "msg": "it died"}, "it died"),
        ({"stdout": "{}"}, "nothing was said"),
        ({}, "nothing was said"),
    ],
)
def test_gathering_that_failed_is_told(wheels, said, told):
    assert told in wheels(said, LINUX, "/ours", [])["problem"]
