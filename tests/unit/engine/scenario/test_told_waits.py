"""Waits for what a bot says: how it is heard, and that a wait that is over ends no scenario."""

from types import SimpleNamespace

import pytest

from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.pace import slowest_cycle
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.scenario.told_waits import ToldWaits
from fleet_stress.store.contract import notices_within

SOURCE = {"file": "health", "field": "source", "live": "live", "mock": "mock"}
STEP = {"until": "noticed", "within": 60.0, "then": 0.0}


class Bot:
    """Says one thing with each look, until it has said all; then the deadline is over."""

    def __init__(self, story):
        self.story, self.says = story, []

    def poll(self):
        pass

    def await_event(self, happened, _summary, _within):
        for say in [*self.says, lambda: None]:
            say()
            if happened():
                return
        self.story.clock.now += 1000.0
        assert happened(), "a wait for what need not happen is over at its deadline"


class Story:
    """An arena with a running bot that has just been started."""

    def __init__(self, folder, clock, **profile):
        self.clock = clock
        self.evidence = Evidence(folder, "story", "9")
        self.bot = {"notices_within": 5.0, **profile}
        self.tracked, self.watch = [], SimpleNamespace(cycles=0)
        start = {"n": 1, "at": 0.0, "cycles": [], "stdout": "start-01.out", "stderr": "start-01.err"}
        self.evidence.document["starts"].append(start)
        self.output = folder / "start-01.out"
        self.output.write_text("started\n")
        self.does, self.faults = Bot(self), []
        self.waits = ToldWaits(self, self.does, self.faults)

    def prints(self, line):
        with self.output.open("a") as stream:
            stream.write(f"{line}\n")

    def tells(self, source, *, late=0.0):
        self.clock.now += 1.0
        now = self.evidence.now()
        look = {"at": now, "wall": 100.0 + now, "mtime": 100.0 + now - late, "start": 1, "source": source}
        self.evidence.observe(look)

    def cut_off(self, name="network_block", **fault):
        self.waits.fault_begins(name)
        self.faults.append(SimpleNamespace(fault=SimpleNamespace(name=name, counts_hits=False, **fault)))
        self.evidence.document["faults"].append({"fault": name, "at": self.evidence.now(), "lifted_at": None})

    def noticed(self):
        return self.evidence.document["faults"][-1].get("noticed")


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


@pytest.mark.parametrize(
    ("profile", "by"),
    [
        ({"data_source": SOURCE}, "data_source"),
        ({"messages": {"fell_back": "no price"}}, "fell_back"),
        ({}, "something new"),
    ],
)
def test_a_bot_notices_in_the_words_that_it_has(tmp_path, clock, profile, by):
    story = Story(tmp_path, clock, **profile)
    story.prints("tick 1: price 100")
    story.cut_off()
    story.does.says = [
        lambda: story.prints("tick 2: price 101"),  # as before, but for its numbers
        lambda: (story.tells("mock"), story.prints("no price to be had")),
    ]

    assert story.waits.run("noticed", STEP) == "done"
    assert story.noticed()["by"] == by


def test_what_was_new_in_one_outage_is_heard_in_the_next_one_too(tmp_path, clock):
    story = Story(tmp_path, clock)
    story.prints("tick 1: price 100")
    for _ in range(2):
        story.cut_off()
        story.does.says = [lambda: story.prints("no price to be had")]
        assert story.waits.run("noticed", STEP) == "done"
        assert story.noticed()["by"] == "something new"
        story.waits.fault_ends("network_block")
        story.faults.clear()
        story.prints("prices are back")

    story.cut_off()
    story.does.says = [lambda: story.prints("prices are back")]  # late, and no word about this outage
    assert story.waits.run("noticed", STEP) == "not_seen"


def test_one_that_says_nothing_is_left_to_the_judge_and_not_waited_for_again(tmp_path, clock):
    story = Story(tmp_path, clock, data_source=SOURCE)
    story.cut_off()
    assert story.waits.run("noticed", STEP) == "not_seen"
    assert (story.noticed()["at"], story.noticed()["by"]) == (None, None)
    assert story.noticed()["waited"] >= 5.0

    before = clock.now
    assert story.waits.run("noticed", STEP) == "not_seen"
    assert clock.now == before


def test_what_was_written_before_the_fault_and_seen_later_is_not_heard(tmp_path, clock):
    story = Story(tmp_path, clock, data_source=SOURCE)
    story.cut_off()
    story.does.says = [lambda: story.tells("mock", late=1.5)]

    assert story.waits.run("noticed", STEP) == "not_seen"


def test_what_it_says_before_it_is_hit_is_about_a_line_that_was_cut(tmp_path, clock):
    story, hits = Story(tmp_path, clock, messages={"fell_back": "no price"}), []
    story.cut_off("bad_exchange", hits=lambda: len(hits))
    story.faults[0].fault.counts_hits = True
    story.prints("no price: reset by peer")
    looks = []
    story.does.says = [lambda: looks.append(1), lambda: (looks.append(2), hits.append(1))]
    assert story.waits.run("noticed", STEP) == "done"
    assert (looks, story.noticed()["by"]) == ([1, 2], "fell_back")


def test_a_fault_that_never_met_the_bot_is_not_waited_for(tmp_path, clock):
    story = Story(tmp_path, clock, data_source=SOURCE)
    story.cut_off("dead_proxy", hits=lambda: 0)
    story.faults[0].fault.counts_hits = True
    story.does.says = [lambda: setattr(story.watch, "cycles", story.watch.cycles + 3)] * 2

    assert story.waits.run("noticed", STEP) == "done"
    assert story.noticed() is None


def test_a_fault_of_a_kind_that_has_met_the_bot_is_waited_for(tmp_path, clock):
    story = Story(tmp_path, clock, data_source=SOURCE)
    story.cut_off("bad_dns", hits=lambda: 4)
    story.faults[0].fault.counts_hits = True
    story.waits.fault_ends("bad_dns")
    story.faults.clear()
    story.cut_off("bad_dns", hits=lambda: 0)
    story.faults[0].fault.counts_hits = True
    story.does.says = [lambda: setattr(story.watch, "cycles", 10), lambda: story.tells("mock")]

    assert story.waits.run("noticed", STEP) == "done"
    assert story.noticed()["by"] == "data_source"


@pytest.mark.parametrize(
    ("profile", "say"),
    [
        ({"data_source": SOURCE}, lambda story: story.tells("live")),
        ({"messages": {"live_again": "back"}}, lambda story: story.prints("prices are back")),
        (
            {"messages": {"fell_back": "no price", "live_again": "back"}},
            lambda _story: None,
        ),  # it had missed nothing
    ],
)
def test_a_bot_is_live_again_in_the_words_that_it_has(tmp_path, clock, profile, say):
    story = Story(tmp_path, clock, **profile)
    story.cut_off()
    story.waits.fault_ends("network_block")
    story.does.says = [lambda: say(story)]

    assert story.waits.run("live_again", {**STEP, "until": "live_again"}) == "done"


def test_its_newest_word_says_whether_it_is_live(tmp_path, clock):
    story = Story(tmp_path, clock, data_source=SOURCE)
    story.tells("live")
    story.tells("mock")
    step = {**STEP, "until": "live"}
    assert story.waits.run("live", step) == "not_seen"

    story.does.says = [lambda: story.tells("live")]
    assert story.waits.run("live", step) == "done"
    assert Story(tmp_path, clock).waits.run("live", step) == "done"  # it has no word for that


def test_nothing_to_notice_is_a_mistake_of_the_scenario(tmp_path, clock):
    with pytest.raises(ArenaFailed, match="no fault has cut the bot off"):
        Story(tmp_path, clock).waits.run("noticed", STEP)


def test_the_slowest_cycle_before_the_fault_gives_a_bot_more_time():
    starts = [{"cycles": [{"at": at} for at in (1.0, 1.5, 4.5, 5.0, 90.0)]}, {"cycles": []}]

    assert slowest_cycle(starts, before=60.0) == 3.0
    assert notices_within({"notices_within": 5.0}, 3.0) == 14.0
    assert notices_within({"first_cycle_within": 60.0}, 0.0) == 60.0
