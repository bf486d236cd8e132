"""``keeps_cycling``: enough cycles while the network is gone, and none too long."""


def told(story, *, before=2, during=3, pause=0.0, after=1, lift=True, **arguments):
    story.starts()
    for _ in range(before):
        story.cycle()
    fault = {"fault": "network_block", "args": {}, "at": story.now + 0.1, "start": 1, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": None, "bit": True, "proof": {}})
    story.now += pause
    for _ in range(during):
        story.cycle()
    if lift:
        story.evidence["faults"][-1]["lifted_at"] = story.now + 0.1
    for _ in range(after):
        story.cycle()
    story.exits()
    story.evidence["seconds"] = story.now
    return story.told("keeps_cycling", **{"cycles": 3, "longest_pause": 5.0, **arguments})


def test_it_went_on(story):
    assert told(story) == []


def test_too_few_cycles(story):
    [(verdict, reason)] = told(story, during=2)
    assert verdict == "failed"
    assert "2 cycles were finished" in reason


def test_too_long_a_pause(story):
    [(verdict, reason)] = told(story, pause=6.0)
    assert verdict == "failed"
    assert "a pause of 7.0 s" in reason


def test_a_pause_before_its_end_counts_as_well(story):
    [(_, few), (_, long)] = told(story, during=0, pause=9.0, after=0, lift=False, cycles=1)
    assert "0 cycles" in few
    assert "a pause of 9" in long


def test_the_first_cycle_of_a_start_in_the_window_counts(story):
    fault = {"fault": "dead_proxy", "args": {}, "at": 0.1, "start": None, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 100.0, "bit": True, "proof": {}})
    story.starts()
    story.now += 8.0
    for _ in range(3):
        story.cycle()
    story.exits()
    [(_, reason)] = story.told("keeps_cycling", cycles=3, longest_pause=5.0)
    assert "a pause of 9.0 s" in reason


def test_a_cycle_that_was_not_seen_is_told_by_the_next_ones_number(story):
    story.starts()
    story.cycle()
    fault = {"fault": "dead_proxy", "args": {}, "at": story.now + 0.1, "start": None, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 100.0, "bit": True, "proof": {}})
    for _ in range(3):
        story.cycle()
    del story._running["cycles"][2]
    story.exits()
    assert story.told("keeps_cycling", cycles=3, longest_pause=1.5) == []


def test_a_network_that_was_there_all_the_time_proves_nothing(story):
    story.runs()
    assert [one for one, _ in story.told("keeps_cycling", cycles=1)] == ["not_exercised"]


def test_cycles_that_ended_while_the_fault_was_being_applied_count(story):
    # Nobody looks while a fault is applied; the next look tells of two cycles at once.
    story.starts()
    story.cycle()
    story.cycle()
    fault = {"fault": "network_block", "args": {}, "at": story.now, "start": 1, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 100.0, "bit": True, "proof": {}})
    for _ in range(3):
        story.cycle()
    del story._running["cycles"][2]
    story.exits()
    assert story.told("keeps_cycling", cycles=3) == []
