"""``never_torn``: one torn read is one too many, and nobody reading proves nothing."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def polled(story, *, bit=True, key="state/ledger.json", **found):
    story.runs()
    figures = {"reads": 900, "changes": 12, "torn": 0, "gone": 0, "kept": [], **found}
    fault = {"fault": "reader", "args": {}, "at": 1.0, "start": 1, "applied": True, "lifted_at": story.now}
    story.evidence["faults"].append({**fault, "bit": bit, "proof": {"files": {key: figures}}})


def test_whole_at_each_read(story):
    polled(story)
    assert story.told("never_torn") == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"torn": 2, "kept": ["reader-torn-1"]}, "was no whole JSON 2 times"),
        ({"gone": 5}, "was not there 5 times"),
    ],
)
def test_torn_or_gone(story, found, told):
    polled(story, **found)
    reason = f"state/ledger.json {told} in 900 reads, which found it changed 12 times"
    assert story.told("never_torn") == [(FAILED, reason)]
    assert list(story.findings("never_torn")[0].evidence) == found.get("kept", [])


def test_a_file_that_need_not_be_there_may_go(story):
    story.bot["state"]["cache"]["required"] = False
    polled(story, key="state/cache.json", gone=3)
    assert story.told("never_torn") == []


def test_nobody_read_anything_that_changed(story):
    polled(story, bit=False)
    assert [one[0] for one in story.told("never_torn")] == [NOT_EXERCISED]
