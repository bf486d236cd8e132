"""``unverified_refused``: requests that came over a connection which a bot should not have trusted."""


def told(story, requests, *, bit=True):
    proof = {"how": "expired", "requests": requests, "handshakes_refused": 2}
    fault = {"fault": "bad_certificate", "args": {}, "at": 1.0, "start": 1, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 11.0, "bit": bit, "proof": proof})
    return story.told("unverified_refused")


def test_a_bot_that_asks_nothing_is_well(story):
    assert told(story, 0) == []


def test_one_request_is_one_too_many(story):
    [(verdict, reason)] = told(story, 7)
    assert verdict == "failed"
    assert "(expired) got 7 requests" in reason


def test_a_certificate_that_was_shown_to_nobody_proves_nothing(story):
    assert told(story, 0, bit=False)[0][0] == "not_exercised"
