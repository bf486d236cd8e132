import pytest
from fleet_controller.catalogue.selectors import choose, matches, row_key, words
from fleet_controller.messages.errors import UserError
from hypothesis import given
from hypothesis import strategies as st

ROWS = {
    "baseline": "0",
    "sigterm": "3.1",
    "empty": "1.3B",
    "cut": "1.3A",
    "later": "1.30",
    "restart": "1.1",
    "tenth": "1.10",
}
EVERYTHING = ["baseline", "restart", "cut", "empty", "tenth", "later", "sigterm"]


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("all", EVERYTHING),
        (None, EVERYTHING),
        ("", EVERYTHING),
        ([], EVERYTHING),
        ("sigterm", ["baseline", "sigterm"]),
        ("sigterm,restart", ["baseline", "restart", "sigterm"]),
        (["sigterm", "row:1.1"], ["baseline", "restart", "sigterm"]),
        (" sigterm ,\n restart,", ["baseline", "restart", "sigterm"]),
        ("sigterm,sigterm", ["baseline", "sigterm"]),
        ("row:1.3", ["baseline", "cut", "empty"]),
        ("row:1.3b", ["baseline", "empty"]),
        ("1.3", ["baseline", "cut", "empty"]),
        ("1.3b,3.1", ["baseline", "empty", "sigterm"]),
        ("all,-1", ["baseline", "sigterm"]),
        ("row:1.30", ["baseline", "later"]),
        ("row1.3A", ["baseline", "cut"]),
        ("row:1", ["baseline", "restart", "cut", "empty", "tenth", "later"]),
        ("baseline", ["baseline"]),
        ("row:0", ["baseline"]),
        ("-sigterm", ["baseline", "restart", "cut", "empty", "tenth", "later"]),
        ("all,-row:1", ["baseline", "sigterm"]),
        ("-row:1.3,row:1", ["baseline", "restart", "tenth", "later"]),
    ],
)
def test_the_baseline_comes_first_and_the_rest_by_row(asked, chosen):
    assert choose(asked, ROWS) == dict.fromkeys(chosen)
    assert list(choose(asked, ROWS)) == chosen


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            "sigtrem",
            "unknown scenario `sigtrem`\n   where: scenarios\n   why:   there is: baseline, sigterm, empty, cut, later,"
            " restart, tenth, all, failed\n   do:    did you mean `sigterm`?",
        ),
        (
            "row:1.4",
            "unknown row `1.4`\n   where: scenarios\n   why:   rows go from 0 to 3.1\n"
            "   do:    `make list LIST=scenarios` shows them",
        ),
        (
            "1.3Z",
            "unknown row `1.3Z`\n   where: scenarios\n   why:   there is: 1.3A, 1.3B\n"
            "   do:    did you mean `row:1.3`?",
        ),
        (
            "sig*",
            "unknown scenario `sig*`\n   where: scenarios\n   why:   a name is not a pattern\n"
            "   do:    write them out: sigterm",
        ),
        (
            "memory",
            "unknown scenario `memory`\n   where: scenarios\n   why:   the catalogue has 7 scenarios\n"
            "   do:    `make list LIST=scenarios` shows them; row:1.3 takes a row",
        ),
        (
            "all,-baseline",
            "`-baseline` leaves out the baseline\n   where: scenarios\n   why:   without it nobody knows what the bot"
            " does when nothing is done to it\n   do:    take this selector out",
        ),
        (
            "sigterm,-sigterm",
            "`sigterm,-sigterm` leaves no scenario\n   where: scenarios\n   why:   all are left out\n"
            "   do:    leave out less",
        ),
        (
            {"sigterm": 1},
            "{'sigterm': 1} chooses no scenarios\n   where: scenarios\n   why:   names and selectors are text\n"
            "   do:    write -e scenarios=all",
        ),
    ],
)
def test_a_selector_that_means_nothing_is_refused(asked, told):
    with pytest.raises(UserError) as caught:
        choose(asked, ROWS)
    assert str(caught.value) == told


LAST = {"lab01": ["sigterm", "cut"], "lab02": ["cut", "of an older catalogue"], "lab03": []}


@pytest.mark.parametrize(
    ("asked", "on"),
    [
        ("failed", {"baseline": None, "cut": ["lab01", "lab02"], "sigterm": ["lab01"]}),
        ("failed,-3.1", {"baseline": None, "cut": ["lab01", "lab02"]}),
        ("failed,sigterm", {"baseline": None, "cut": ["lab01", "lab02"], "sigterm": None}),
    ],
)
def test_what_failed_last_time_is_chosen_for_each_host_by_itself(asked, on):
    assert choose(asked, ROWS, failed=LAST) == on


@pytest.mark.parametrize(
    ("failed", "what"),
    [(None, "`failed` means nothing here"), ({"lab01": []}, "`failed` leaves no scenario")],
)
def test_where_nothing_failed_or_nobody_knows_that_is_told(failed, what):
    with pytest.raises(UserError, match=what):
        choose("failed", ROWS, failed=failed)


def test_many_names_are_no_wall_around_the_one_that_was_meant():
    catalogue = {f"scenario_{number}": f"7.{number}" for number in range(60)} | {
        "baseline": "0",
        "sigterm": "3.1",
    }

    with pytest.raises(UserError) as caught:
        choose("sigtrem", catalogue)
    (problem,) = caught.value.problems
    assert problem.why == "it is none of the 64 that there are"
    assert problem.do == "did you mean `sigterm`?"


@pytest.mark.parametrize("asked", ["row:", "row:1.", "row:.", "-", "--sigterm", 5, [["x", 5]]])
def test_odd_selectors_are_refused_as_well(asked):
    with pytest.raises(UserError):
        choose(asked, ROWS)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UserError) as caught:
        choose("sigtrem,row:9", ROWS)
    assert [problem.what for problem in caught.value.problems] == [
        "unknown scenario `sigtrem`",
        "unknown row `9`",
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["", "A", "B"]))
def test_a_row_is_met_by_itself_and_by_its_letters_alone(first, second, letter):
    row = f"{first}.{second}"
    assert matches(f"{row}{letter}", row)
    assert not matches(f"{row}0{letter}", row)
    assert matches(row, f"{row}{letter}") is (letter == "")


@given(st.lists(st.sampled_from(["all", "sigterm", "row:1", "-row:1.3", "-sigterm", "baseline"]), max_size=5))
def test_whatever_is_chosen_is_chosen_once_in_order_and_whatever_the_order_of_words(asked):
    try:
        chosen = list(choose(asked, ROWS))
    except UserError:
        return
    assert chosen[0] == "baseline"
    assert len(set(chosen)) == len(chosen)
    assert chosen[1:] == sorted(chosen[1:], key=lambda item: row_key(ROWS[item]))
    assert list(choose(list(reversed(asked)), ROWS)) == chosen


def test_words_of_what_ansible_brings():
    assert words("a, b\tc") == words(["a", "b,c"]) == ["a", "b", "c"]
