"""What an answer without end cost a bot is a note, where its profile promises no limit."""

import pytest

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.process.memory_bounded import notes


@pytest.mark.parametrize(
    ("exchange", "told"),
    [
        ({"companion": "exchange"}, ["its memory grew from 14 to 115 MB"]),
        ({"companion": "exchange", "answer_memory": "50MB"}, []),
    ],
)
def test_it_is_noted_only_without_a_promise(story, exchange, told):
    story.bot["exchange"] = exchange
    story.expect = [{"check": "memory_bounded", "args": {}}]
    story.starts()
    proof = {"memory": {"before_mb": 14.0, "most_mb": 115.2}}
    story.evidence["faults"].append({"fault": "bad_exchange", "bit": True, "at": story.now, "proof": proof})
    story.exits()

    noted = list(notes(Case(story.evidence, story.folder, story.bot, story.scenario())))

    assert [note.split(" while ")[0] for note in noted] == told
