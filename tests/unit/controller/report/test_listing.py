"""What `playbooks/list.yml` shows of the project, for the bot and profile that were asked for."""

import pytest
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import in_one_line
from fleet_controller.report.listing import Listing, catalogue, parts

from fleet_stress.faults import FAULTS
from fleet_stress.judge.checks import CHECKS
from tests.messages.codes import says


@pytest.fixture
def shown(catalogue):
    """``shown("faults")``: a table of the small catalogue, as words on one line each."""

    def show(*chosen, **asked):
        listing = Listing.of(
            asked.get("bot", "tiny"),
            asked.get("profile", "smoke"),
            asked.get("scenarios", "all"),
            project=catalogue.project,
            vocabulary=catalogue.vocabulary,
        )
        return _lines(listing, *chosen)

    return show


def _lines(listing, *chosen):
    return [in_one_line(line, 400) for line in catalogue(listing, chosen, width=400).splitlines()]


def test_a_scenario_is_shown_with_its_row_title_and_time(catalogue, shown):
    catalogue.scenario()

    assert shown("scenarios") == [
        "row scenario what is found out duration",
        "0 baseline Runs when nothing is done to it (alone on the host) 2 s",
        "3.3 restart Comes back after a kill 3 s",
        "",
        "for the bot tiny, with the numbers of the profile smoke",
    ]


def test_times_are_those_of_the_profile(catalogue, shown):
    catalogue.scenario()

    assert "3.3 restart Comes back after a kill 13 s" in shown("scenarios", profile="standard")


def test_what_the_bot_cannot_says_why(catalogue, shown):
    catalogue.scenario(("steps:\n", "needs: {logs: [errors]}\nsteps:\n"))

    told = shown("scenarios")[2]

    assert told.startswith("3.3 restart Comes back after a kill (skipped: the bot profile tiny names no log")
    assert told.endswith(" -")


def test_what_runs_only_when_it_is_named_is_there_and_says_so(catalogue, shown):
    catalogue.scenario(("steps:\n", "by_hand: true\nsteps:\n"))

    assert "3.3 restart Comes back after a kill (by hand: runs only when it is named) 3 s" in shown(
        "scenarios"
    )


def test_only_what_was_chosen_is_shown(catalogue, shown):
    catalogue.scenario()
    catalogue.scenario(("restart", "other"), ("3.3", "3.4"), name="other")

    assert [line.split()[1] for line in shown("scenarios", scenarios="row:3.4")[1:3]] == ["baseline", "other"]


@pytest.fixture(scope="module")
def ours():
    return Listing.of("reference", "smoke", "all")


def test_every_fault_says_what_it_does_and_where_it_is_used(ours):
    told = {line.split()[0]: line for line in _lines(ours, "faults")[1:]}

    assert told.keys() == FAULTS.keys()
    assert told["dead_proxy"] == (
        "dead_proxy From the next start on, the bot's proxy is broken. how 4.2A, 4.2B, 4.2C, 4.2D, 4.2E"
    )


def test_every_check_says_what_holds_and_what_may_be_said_to_it(ours):
    told = {line.split()[0]: line for line in _lines(ours, "checks")[1:]}

    assert told.keys() == CHECKS.keys()
    assert told["exit_code"] == "exit_code the exit code is of the expected class is, start"


def test_bots_say_where_they_come_from_and_profiles_how_long_they_take(ours):
    bots = {line.split()[0]: line for line in _lines(ours, "bots")[1:]}
    profiles = {line.split()[0]: line for line in _lines(ours, "profiles")[1:]}

    assert bots.keys() == Project().files("bots").keys()
    assert bots["reference"].endswith(" reference_bot")
    assert bots["market_strategy_bot"].endswith(" -e bot_source=")
    assert profiles.keys() == Project().files("profiles").keys()
    assert profiles["soak"].endswith(" h")


def test_a_profile_without_numbers_for_a_scenario_is_no_mistake_of_who_asks_for_another(catalogue, shown):
    catalogue.scenario(("  standard: {cycles: 5, alive_for: 7s}\n", ""))

    assert shown("profiles")[-1] == "standard Very standard -"


def test_a_title_cannot_steer_a_terminal(catalogue, shown):
    catalogue.scenario(("Comes back after a kill", '"\\e[31mred"'))

    assert "3.3 restart \\x1b[31mred 3 s" in shown("scenarios")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, ["scenarios", "faults", "checks", "bots", "profiles", "hosts"]),
        ("all", ["scenarios", "faults", "checks", "bots", "profiles", "hosts"]),
        ("checks,faults", ["faults", "checks"]),
        (["hosts"], ["hosts"]),
    ],
)
def test_which_tables(asked, found):
    assert parts(asked) == found


def test_an_unknown_table_is_refused():
    with pytest.raises(UserError, match=says("nothing_to_list")) as caught:
        parts("fault")

    assert "did you mean `faults`?" in str(caught.value)
