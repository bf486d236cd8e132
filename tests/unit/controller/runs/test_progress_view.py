"""The picture at the foot of a terminal: one line a host, never more than one screen."""

import io
import re

import pytest
from fleet_controller.runs.progress import Bad, Doing, State
from fleet_controller.runs.progress_view import Host, picture
from rich.console import Console


def drawn(hosts, width=100, height=30, now=100.0, **about):
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(picture(hosts, now, width, height, **about))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def host(
    name="h1", counts=None, doing=(), bad=(), left=65.0, task="Follow the run", of=40, hosts=1, elapsed=35.0
):
    state = State(
        name, hosts, of, counts or {}, [Doing(*item) for item in doing], list(bad), left, 100.0, elapsed
    )
    return Host(name, state, task, 90.0)


def test_a_host_in_mid_run():
    doing = [("memory", "wait for exit", 40.0), ("sigkill_restart", "wait for first cycle", 97.0)]
    line, total = drawn([host(counts={"passed": 17, "failed": 1}, doing=doing)])

    assert line.startswith("h1 ━")
    assert " 18/40 ✔17 ✘1 sigkill_restart: wait for first cycle, 3 s (and 1 more) " in line
    assert line.endswith(" 65 s left")
    assert total == "1 host; 18 of 40 verdicts   ✔ 17 passed   ✘ 1 failed   about 65 s left"


@pytest.mark.parametrize(("elapsed", "left", "full"), [(5.0, 95.0, 1), (50.0, 50.0, 8), (95.0, 5.0, 15)])
def test_its_bar_shows_time_and_not_rows(elapsed, left, full):
    """The first three rows of a plan take half of its time: a bar of rows would seem to hang."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=100, force_terminal=True, color_system="standard", legacy_windows=False
    )
    console.print(picture([host(counts={"passed": 3}, elapsed=elapsed, left=left)], 100.0, 100, 30))
    cyan = re.search(r"\x1b\[36m([━╸]+)", stream.getvalue())
    assert abs(len(cyan[1]) - full) <= 1


def test_a_narrow_terminal_has_no_bar_but_whole_words():
    doing = [("crash_points", "visit 4 of 16 points, 0 of them failed", 97.0)]
    line = drawn([host("localhost", {"passed": 31}, doing)], width=80)[0]
    assert "━" not in line
    assert "crash_points: visit 4 of 16 points, 0 of th" in line


def test_time_goes_on_between_two_news():
    one = host(doing=[("sigterm", "wait for exit", 97.0)])
    assert "wait for exit, 13 s" in drawn([one], now=110.0)[0]
    assert drawn([one], now=110.0)[0].endswith("55 s left")
    assert drawn([one], now=190.0)[0].endswith("soon")


def test_before_its_plan_a_host_is_at_a_task():
    assert (
        drawn([Host("h1", None, "engine: Install the engine", 95.0)])[0]
        == "h1   engine: Install the engine, 5 s"
    )


def test_a_host_that_is_done():
    assert "done" in drawn([host(counts={"passed": 40}, task="")])[0]
    assert "brings its results" in drawn([host(counts={"passed": 40})])[0]


def test_a_host_that_a_task_failed_on():
    told = drawn([host(), Host("h2", None, "", 0.0, failed=True)])
    assert told[1].startswith("h2 ")
    assert "left alone: it has a problem, see above" in told[1]
    assert told[2].startswith("2 hosts, 1 with a problem; ")


def test_what_went_wrong_is_told_with_its_reason():
    bad = [Bad("3.1", "sigterm", "failed", "exit code 1"), Bad("1.2", "high", "not_exercised", "nothing met")]
    told = drawn([host(counts={"failed": 1, "not_exercised": 1}, bad=bad)])
    assert told[1:3] == ["✘ failed h1 3.1 sigterm: exit code 1", "? not_exercised h1 1.2 high: nothing met"]


@pytest.mark.parametrize("height", [8, 24, 40])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_any_fleet_fits_on_one_screen(width, height):
    bad = [Bad("3.1", "sigterm", "failed", "exit code 1 " * 20)] * 3
    doing = [("sigkill_restart", "wait for the bot to hit the fault 40 times", 0.0)]
    hosts = [host(f"host{n:02}.example.org", {"failed": 3}, doing, bad) for n in range(50)]

    told = drawn(hosts, width, height)

    assert len(told) < height
    assert max(map(len, told)) <= width


def test_those_at_work_come_first_and_the_rest_is_counted():
    hosts = [host(f"done{n}", {"passed": 40}, task="") for n in range(30)]
    hosts += [host(f"busy{n}", doing=[("sigterm", "x", 0.0)]) for n in range(5)]

    told = drawn(hosts, height=16)

    assert sum("busy" in line for line in told) == 5
    assert any(line.startswith("… and ") and line.endswith(" done") for line in told)


def test_a_terminal_of_the_plainest_kind():
    told = drawn([host(counts={"passed": 1, "failed": 2})], signs=False)
    assert " +1 F2 " in told[0]
    assert "+ 1 passed   F 2 failed" in told[1]


def test_markup_of_a_host_is_text():
    assert "[red]x[/red]" in drawn([host(doing=[("sigterm", "[red]x[/red]", 0.0)])])[0]
