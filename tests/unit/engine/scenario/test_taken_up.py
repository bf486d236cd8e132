"""A soak that a reboot interrupted goes on: its samples stay, its newest start runs for the time that is left."""

import json
import time

import pytest

from fleet_stress.observe import sample_file
from fleet_stress.observe.evidence import Evidence
from fleet_stress.scenario import taken_up


def step(verb, **args):
    return {"verb": verb, "args": args}


SAMPLE = step("sample", every=5.0, resumes=True)
FAST, SLOW = step("start", settings={"scan_interval": 0.1}), step("start", settings={"scan_interval": 60})
CYCLES = step("wait", until="cycles", cycles=9, within=60.0, then=0.0)
HOURS = step("wait", until="first_cycle", within=60.0, then=21_600.0)
TERM = step("signal", signal="TERM", aim=None, within=0.0)
SOAK = {"id": "memory", "steps": [SAMPLE, FAST, CYCLES, TERM, SLOW, HOURS, TERM]}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".fleet-stress").write_text("{}")
    (tmp_path / "memory/snapshots/01-before").mkdir(parents=True)
    (tmp_path / "memory/start-01.out").write_text("of before")
    return tmp_path / "memory"


def sampled(folder, *starts, every=60.0):
    """An hour ago it began; each start is sampled for so many minutes."""
    began, at = time.time() - 3_600, 0.0
    with (folder / "samples.jsonl").open("a") as lines:
        for number, minutes in starts:
            for n in range(minutes + 1):
                line = {"start": number, "at": at, "wall": began + at, "cycles": n, "rss": 5}
                lines.write(json.dumps(line) + "\n")
                at += every


def taken(folder):
    taken_up.clear(folder, SOAK)
    evidence = Evidence(folder, "memory", "2")
    return taken_up.rest(SOAK, evidence), evidence


def test_what_was_never_interrupted_has_all_its_steps(folder):
    steps, evidence = taken(folder)
    assert steps == SOAK["steps"]
    assert "taken_up" not in evidence.document
    assert not (folder / "start-01.out").exists()


def test_it_goes_on_with_the_start_that_was_interrupted_for_the_time_that_is_left(folder):
    sampled(folder, (1, 3), (2, 11))
    steps, evidence = taken(folder)

    assert [each["verb"] for each in steps] == ["sample", "start", "wait", "signal"]
    assert steps[1] is SLOW
    assert steps[2]["args"]["then"] == 21_600 - 600, "ten minutes since its first cycle"
    assert evidence.document["taken_up"]["starts"] == 2
    assert evidence.now() == pytest.approx(3_600, abs=60), "the clock has run on meanwhile"
    assert len(sample_file.read(folder)) == 16
    assert sorted(path.name for path in folder.iterdir()) == ["attempts.json", "samples.jsonl"]


def test_it_may_be_interrupted_again_and_again(folder):
    sampled(folder, (1, 3), (2, 11))
    taken(folder)
    sampled(folder, (3, 21))
    steps, evidence = taken(folder)

    assert steps[1] is SLOW
    assert steps[2]["args"]["then"] == 21_600 - 1_200
    assert evidence.document["taken_up"]["starts"] == 3


def test_in_its_first_start_it_begins_with_that_anew(folder):
    sampled(folder, (1, 3))
    steps, _ = taken(folder)
    assert steps == SOAK["steps"]


@pytest.mark.parametrize(
    "steps", [[step("sample", every=5.0), FAST], [SAMPLE, step("fault", fault="fill", args={}), FAST]]
)
def test_what_does_not_ask_for_it_or_applies_a_fault_begins_anew(folder, steps):
    sampled(folder, (1, 3))
    taken_up.clear(folder, {"id": "memory", "steps": steps})
    assert not folder.exists()
