"""``rival_ended``: the second bot is held to the same as the first."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def contended(story, *, bit=True, **ended):
    story.runs()
    proof = {"after_lifting": {"exit": {"code": 0, "by": "signal", "after": 0.1, **ended}}}
    fault = {
        "fault": "rival",
        "args": {},
        "at": story.now,
        "start": 1,
        "applied": True,
        "lifted_at": story.now,
    }
    story.evidence["faults"].append({**fault, "bit": bit, "proof": proof})


def test_it_stopped_when_asked(story):
    contended(story, code=143)
    assert story.told("rival_ended") == []


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"code": 1, "by": "itself"}, "the second bot ended by itself with exit code 1"),
        ({"code": 2}, "the second bot ended when asked to stop with exit code 2"),
        ({"code": -9, "by": "engine"}, "the second bot did not stop when asked to"),
    ],
)
def test_it_broke_down(story, ended, told):
    contended(story, **ended)
    assert story.told("rival_ended") == [(FAILED, told)]


def test_it_had_a_traceback(story, traceback):
    contended(story)
    (story.folder / "rival.err").write_text(traceback)
    assert story.told("rival_ended") == [(FAILED, "the second bot had a traceback: KeyError: 3 at main.py:7")]


def test_there_was_none(story):
    contended(story, bit=False)
    assert [one[0] for one in story.told("rival_ended")] == [NOT_EXERCISED]
