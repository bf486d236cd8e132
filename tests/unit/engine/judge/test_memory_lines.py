"""What explain_memory found is said in notes; where nobody asked, nothing is."""

from fleet_stress.judge import memory_lines


def said(story, **evidence):
    story.evidence.update(evidence)
    return list(memory_lines.notes(story.case()))


def test_the_lines_that_grew_most_are_named(story):
    line = {"file": "bot/main.py", "line": 7, "bytes": 512_000, "objects": 12}
    [note] = said(story, memory_lines=[{"pid": "9", "since": 3.1, "until": 20.2, "lines": [line]}])

    assert note.endswith("the memory of process 9 grew most at bot/main.py:7 by 512 kB (+12 objects)")


def test_a_bot_that_told_nothing_is_said_to_have_and_one_that_was_not_asked_is_not(story):
    assert "no Python of the bot told of its memory" in said(story, memory_lines=[])[0]
    del story.evidence["memory_lines"]
    assert said(story) == []
