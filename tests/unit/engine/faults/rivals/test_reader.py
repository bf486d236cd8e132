"""``reader``: a real process of ours reads real files; what is torn or gone for a moment is seen and kept."""

import json
import time

import psutil
import pytest

from fleet_stress.faults.rivals.reader import Reader
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import applied, make_site

DEADLINE = 30.0


@pytest.fixture
def reading(tmp_path):
    """A site with one file, on which the reader reads."""
    path = tmp_path / "state" / "health.json"
    site = make_site(
        tmp_path, files={"health": Tracked("health", "state/health.json", path, "json", (), None)}
    )
    path.write_text('{"n": 0}')
    fault = applied(Reader, site, {})
    yield site, path, fault
    fault.revert()


def replace(path, content):
    beside = path.with_suffix(".tmp")
    beside.write_text(content)
    beside.replace(path)


def change_until_seen(reading, contents):
    """Put contents there in turn, each until the reader has come by a few times: it has used the processor since."""
    _, path, fault = reading
    reader = psutil.Process(fault._process.pid)
    for content in contents:
        path.unlink() if content is None else replace(path, content)
        begun, deadline = sum(reader.cpu_times()[:2]), time.monotonic() + DEADLINE
        while sum(reader.cpu_times()[:2]) < begun + 0.05 and time.monotonic() < deadline:
            time.sleep(0.005)


def proved(reading, **arguments):
    *_, fault = reading
    return fault.prove()


def test_whole_files_that_change_are_the_proof(reading):
    change_until_seen(reading, [json.dumps({"n": number}) for number in range(1, 5)])
    proof = proved(reading)
    found = proof.details["files"]["state/health.json"]
    assert proof.took_effect
    assert found["changes"] >= 3
    assert (found["torn"], found["gone"], found["kept"]) == (0, 0, [])
    assert found["reads"] > found["changes"]


def test_half_a_file_and_none_are_seen_and_the_half_is_kept(reading):
    change_until_seen(reading, ['{"n": 1', '{"n": 2}', None, '{"n": 3}', '{"n": 4}'])
    found = proved(reading).details["files"]["state/health.json"]
    assert found["torn"] >= 1
    assert found["gone"] >= 1
    assert (reading[0].evidence / found["kept"][0]).read_text() == '{"n": 1'


def test_files_that_stand_still_prove_nothing(reading):
    proof = proved(reading)
    assert not proof.took_effect
    assert proof.details["why"] == "no file was found changed 3 times while it was read; at most 0 times"


def test_it_is_gone_afterwards_and_a_dead_one_is_our_fault(reading):
    *_, fault = reading
    fault._process.kill()
    with pytest.raises(OSError, match="did not tell what it read"):
        fault.prove()
    assert fault.revert() == {"running": False}
