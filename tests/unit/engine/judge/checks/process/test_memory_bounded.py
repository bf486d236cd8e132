"""``memory_bounded``: how much more a bot had at most while a fault stood that weighed it."""


def told(story, before, most, *, bit=True, **more):
    proof = {"memory": {"before_mb": before, "most_mb": most}, **more}
    fault = {"fault": "bad_exchange", "args": {}, "at": 1.0, "start": 1, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 11.0, "bit": bit, "proof": proof})
    return story.told("memory_bounded", more="50MB")


def test_a_bot_that_reads_no_more_than_it_needs_is_well(story):
    assert told(story, 14.0, 63.9) == []


def test_one_that_reads_all_of_it_is_not(story):
    [(verdict, reason)] = told(story, 14.0, 115.2)
    assert verdict == "failed"
    assert "from 14 to 115 MB" in reason


def test_a_bot_that_was_not_weighed_or_met_nothing_proves_nothing(story):
    assert told(story, 0.0, 0.0)[0][0] == "not_exercised"
    story.evidence["faults"].clear()
    assert told(story, 14.0, 115.2, bit=False)[0][0] == "not_exercised"
