"""``second_refused``: what a second instance may do, and what not."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

EXPECTED = "where exit code 3 was expected; its last words: another bot runs"
ALONG = {"ended": None, "wrote": ["state/ledger.json.tmp"], "after": 2.5}


def second(story, *, said="another bot runs\n", err="", bit=True, held=False, **seen):
    """One is started beside the running bot."""
    number = len(story.evidence["faults"]) + 1
    output = f"second-{number:02d}"
    (story.folder / f"{output}.out").write_text(said)
    (story.folder / f"{output}.err").write_text(err)
    proof = {"output": output, "ended": 3, "after": 0.1, "wrote": [], "cycles": 0, "left": [], "held": held}
    proof |= {"touched": [], "new_files": [], "logged": False} if held else {}
    fault = {"fault": "second_instance", "args": {}, "at": story.now, "start": 1, "applied": True, "bit": bit}
    story.evidence["faults"].append({**fault, "lifted_at": story.now, "proof": {**proof, **seen}})


@pytest.fixture
def running(story):
    """A bot that runs and says of itself that it refuses a second one."""
    story.bot["second_instance"] = {"exit_codes": [3], "says": "another bot", "forced_by": {}}
    story.starts()
    story.cycle()
    return story


def told(story):
    story.cycle()
    story.exits()
    return story.told("second_refused")


def test_it_refuses_and_touches_nothing(running):
    second(running)
    second(running, held=True)
    assert told(running) == []


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"ended": 0}, "a second instance ended with exit code 0: whoever started it takes that for success"),
        (
            {"ended": 1},
            f"a second instance ended with exit code 1, {EXPECTED}",
        ),
        (
            {"ended": -11},
            f"a second instance ended with death by SIGSEGV, {EXPECTED}",
        ),
        (
            {"said": "started\n"},
            "a second instance did not say why it ended: nothing that it printed or logged is like `another bot`",
        ),
        (
            {"held": True, "touched": ["state/ledger.json"]},
            "a second instance refused (exit code 3) and had changed state/ledger.json by then",
        ),
        (
            {"held": True, "new_files": ["state/pid.7"]},
            "a second instance refused (exit code 3) and left state/pid.7 behind",
        ),
        (
            {"left": [{"name": "sleep", "cmdline": "sleep 600"}]},
            "a second instance ended (exit code 3) and left processes behind: sleep 600",
        ),
        (ALONG, "a second instance did not refuse: it ran for 2.5 s and wrote state/ledger.json.tmp"),
    ],
)
def test_it_does_harm(running, seen, reason):
    second(running, **seen)
    assert told(running) == [(FAILED, reason)]


def test_a_traceback_is_no_refusal(running, traceback):
    second(running, err=traceback)
    assert told(running) == [(FAILED, "a second instance ended with a traceback: KeyError: 3 at main.py:7")]


def test_what_both_found_is_told_once(running):
    second(running, ended=0)
    second(running, ended=0, held=True)
    assert len(told(running)) == 1


def test_it_may_say_so_in_its_log(running):
    second(running, said="")
    running.writes("log/errors.log", "another bot runs\n")
    running.exits()
    assert running.told("second_refused") == []


class TestABotThatSaysNothingOfIt:
    @pytest.fixture
    def running(self, running):
        running.bot["second_instance"] = None
        return running

    def test_any_refusal_will_do(self, running):
        second(running, ended=1, said="busy")
        assert told(running) == []

    def test_but_no_success(self, running):
        second(running, ended=0)
        assert [one[0] for one in told(running)] == [FAILED]

    def test_nor_silence(self, running):
        second(running, said="", held=True)
        assert told(running) == [(FAILED, "a second instance refused and said nothing")]

    def test_its_log_speaks_as_well(self, running):
        second(running, said="", held=True, logged=True)
        assert told(running) == []

    def test_one_that_runs_along_and_loses_something_has_failed(self, running):
        second(running, **ALONG)
        running.cycle()
        running.writes("state/ledger.json", {"orders": 1})
        [(verdict, reason)] = told(running)
        assert verdict == FAILED
        assert reason.endswith("; orders in state/ledger.json went back from 2 to 1")

    def test_one_that_runs_along_and_loses_nothing_proves_nothing(self, running):
        second(running, ended=None, cycles=4)
        [(verdict, reason)] = told(running)
        assert verdict == NOT_EXERCISED
        assert reason.startswith(
            "a second instance did not refuse: it ran for 0.1 s and finished 4 cycles; nothing that"
        )
        assert "second_instance" in reason


def test_one_that_takes_over_from_a_first_that_stands_still_is_not_held_against_it(running):
    second(running)
    second(running, held=True, **ALONG)
    [(verdict, reason)] = told(running)
    assert verdict == NOT_EXERCISED
    assert "while the first one stood still" in reason


def test_unless_something_was_lost(running):
    second(running)
    second(running, held=True, **ALONG)
    running.cycle()
    running.writes("state/ledger.json", {"orders": 1})
    assert [one[0] for one in told(running)] == [FAILED]


def test_what_was_lost_while_one_came_and_went(running):
    second(running)
    running.cycle()
    running.writes("state/ledger.json", {"orders": 0})
    reason = "orders in state/ledger.json went back from 2 to 0, though a second instance only came and went"
    assert told(running) == [(FAILED, reason)]


def test_what_was_lost_before_is_no_second_ones_doing(running):
    running.writes("state/ledger.json", {"orders": 0})
    running.now += 1
    second(running)
    assert told(running) == []


def test_there_was_none(running):
    second(running, bit=False)
    assert told(running) == [(NOT_EXERCISED, "no second instance was started beside a bot")]
