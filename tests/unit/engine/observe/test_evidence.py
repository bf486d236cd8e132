"""Evidence: a flood loses its middle, and what is stored is there as a whole."""

import json
import time
from types import SimpleNamespace

from fleet_stress.observe import evidence as module
from fleet_stress.observe.evidence import Evidence


def test_a_scenario_in_which_nothing_has_happened_yet(tmp_path):
    evidence = Evidence(tmp_path / "e", "told", "9")
    evidence.store()
    stored = json.loads((tmp_path / "e/evidence.json").read_text())

    assert stored == json.loads(json.dumps(evidence.document))
    assert (stored["scenario"], stored["row"], stored["error"]) == ("told", "9", None)
    assert stored["ended"] == {"outcome": "done", "reason": ""}
    assert [path.name for path in (tmp_path / "e").iterdir()] == ["evidence.json"]


def test_its_clock_begins_with_the_scenario(tmp_path, monkeypatch):
    ticks = iter([1000.0, 1002.50006, 1004.0])
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(ticks), time=time.time))
    evidence = Evidence(tmp_path / "e", "told", "9")

    assert evidence.now() == 2.5001
    evidence.store()
    assert evidence.document["seconds"] == 4.0


def test_a_flood_of_observations_loses_its_middle(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "OBSERVATION_LIMIT", 8)
    evidence = Evidence(tmp_path / "e", "told", "9")
    for number in range(20):
        evidence.observe({"number": number})

    kept = [observation["number"] for observation in evidence.document["observations"]]
    assert kept == [0, 1, 14, 15, 16, 17, 18, 19]


def test_a_sentence_is_noted_once(tmp_path):
    evidence = Evidence(tmp_path / "e", "told", "9")
    for sentence in ("a", "b", "a"):
        evidence.note(sentence)

    assert evidence.document["notes"] == ["a", "b"]


def test_storing_again_replaces_what_was_stored(tmp_path):
    evidence = Evidence(tmp_path / "e", "told", "9")
    evidence.store()
    evidence.document["error"] = "later"
    evidence.store()

    assert json.loads((tmp_path / "e/evidence.json").read_text())["error"] == "later"
