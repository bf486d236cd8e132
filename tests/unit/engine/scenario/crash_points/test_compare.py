"""What cycles have in common is learnt by comparing them, whatever a bot calls its files."""

import fnmatch
import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet_stress.scenario.crash_points.names import common
from tests.unit.engine.scenario.crash_points.recorded import NOW, SAVE, recording, steady_of


@pytest.mark.parametrize(
    ("names", "known_as"),
    [
        (["a.tmp", "a.tmp"], "a.tmp"),
        (["state.json.rursbyrj.tmp", "state.json.ruxqabce.tmp"], "state.json.*.tmp"),
        (["tmpabc_efgh", "tmpk3j9xqzr"], "tmp*"),
        (["state.json.4711.tmp", "state.json.4712.tmp"], "state.json.*.tmp"),
        (["2026-11-30T10:16:11.json", "2026-11-30T10:16:12.json"], "*.json"),
        (["day.2026-11-30/one.1", "day.2026-11-30/one.2"], "day.2026-11-30/one.*"),
        (["orders-0001.json", "orders-0002.json"], "orders-*.json"),
        (["rursbyrj_state", "ruxqabce_state"], "*_state"),
        (["state.Ab-c_d.tmp", "state.xy-.tmp"], "state.*.tmp"),
        (["a.b", "a.x.b"], "a.*b"),
        ([f"state.{NOW:.0f}.tmp", f"state.{NOW:.0f}.tmp"], "state.*.tmp"),
        (["errors.log.1", "errors.log.1"], "errors.log.1"),
    ],
)
def test_what_is_equal_is_kept_and_the_rest_is_a_star(names, known_as):
    assert common(names, NOW) == known_as


def saving(name):
    return [f"create {name}", f"write {name}", f"rename {name} state.json"]


def test_random_names_of_small_letters_are_the_same_file_in_each_cycle():
    one = [saving(f"state.json.{word}.tmp") for word in ("rursbyrj", "kqwhgabe", "ppzoqnxm")]
    other = [saving(f"state.json.{word}.tmp") for word in ("abcdefgh", "noqxzyaa", "ruvwqqpd")]
    found = steady_of(recording(*one), recording(*other))
    assert [kind.summary for kind in found.classes] == [
        "create state/state.json.*.tmp",
        "write state/state.json.*.tmp",
        "rename state/state.json.*.tmp → state.json",
    ]
    assert found.sometimes == ()


def test_a_pid_is_new_with_each_start_alone():
    one, other = ([saving(f"state.json.{pid}.tmp")] * 3 for pid in (4711, 4810))
    assert steady_of(recording(*one)).classes[0].paths == ("state.json.4711.tmp",)
    assert steady_of(recording(*one), recording(*other)).classes[0].paths == ("state.json.*.tmp",)


def test_an_operation_that_is_not_in_every_cycle_has_no_class_and_is_told():
    found = steady_of(recording(SAVE, SAVE, [*SAVE, "unlink old.bak"], SAVE))
    assert [kind is None for kind in found.classes] == [False] * 4 + [True]
    assert found.sometimes == ("unlink state/old.bak",)


def test_of_what_comes_more_often_in_some_cycles_the_rest_is_told():
    found = steady_of(recording(SAVE, SAVE, [*SAVE, "write a.tmp"], SAVE))
    assert found.sometimes == ("write state/a.tmp (2)",)


def test_threads_take_turns_as_they_like():
    calm = [*SAVE, "write log", "write log"]
    found = steady_of(recording(calm, calm, ["write log", *SAVE, "write log"], calm))
    assert None not in found.classes
    assert found.sometimes == ()


def test_the_first_cycle_and_what_comes_after_the_last_are_not_compared():
    recorded = recording(["mkdir x", *SAVE], SAVE, SAVE, ["unlink lock"])
    found = steady_of(recorded._replace(ends=recorded.ends[:3]))
    assert (found.begins, found.ends, found.compared, found.sometimes) == (9, 13, 2, ())


def test_where_nothing_is_in_every_cycle_the_last_ones_are_compared():
    found = steady_of(*[recording(SAVE, ["unlink old"], SAVE)] * 2)
    assert [kind.operation for kind in found.classes] == ["create", "write", "fsync", "rename"]
    assert found.compared == 2


@pytest.mark.parametrize("cycles", [[], [SAVE], [SAVE, []]])
def test_too_little_was_recorded(cycles):
    assert steady_of(recording(*cycles)) is None


WORDS = st.text(string.ascii_letters + string.digits + "_-", min_size=6, max_size=12)
FIXED = st.text(string.ascii_lowercase, min_size=1, max_size=8)
FORMS = st.lists(st.tuples(FIXED, st.sampled_from([".", "-", "_", "/"])), min_size=1, max_size=3)


@given(FORMS, st.sampled_from(["", ".tmp", "~"]), st.lists(WORDS, min_size=6, max_size=6, unique=True), WORDS)
def test_the_pattern_is_of_every_name_that_the_bot_may_choose_next(form, suffix, words, later):
    before = "".join(map("".join, form))
    assume(len({word[0] for word in words}) > 1 and len({word[-1] for word in words}) > 1)
    pattern = common([f"{before}{word}{suffix}" for word in words], NOW)
    assert fnmatch.fnmatchcase(f"{before}{later}{suffix}", pattern)
    letters = re.match(r"(?:.*[/._-])?", before).group()
    assert pattern.startswith(letters.rstrip("._-/")[:1]) or pattern.startswith("*")


STEPS = st.lists(
    st.sampled_from(["create *", "write *", "fsync *", "rename * a", "write a", "write b"]), min_size=1
)


@given(STEPS, st.data())
def test_every_operation_that_comes_in_each_cycle_is_found_again_whatever_its_names(steps, data):
    def cycle():
        word = data.draw(WORDS)
        done = [step.replace("*", f"a.{word}.tmp") for step in steps]
        if data.draw(st.booleans()):  # and now and then something else
            done.insert(data.draw(st.integers(0, len(done))), "unlink other")
        return done

    found = steady_of(recording(*(cycle() for _ in range(4))), recording(*(cycle() for _ in range(4))))
    assume(found.compared == 6)
    kept = [kind for kind in found.classes if kind is not None and kind.operation != "unlink"]
    assert len(kept) == len(steps)
    assert set(found.sometimes) <= {"unlink state/other"}
