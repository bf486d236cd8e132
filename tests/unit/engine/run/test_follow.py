"""Following a run: news as they come, and a last line that says where to go on."""

import json
import time

import pytest

from fleet_stress.recovery.host_lock import HostLock
from fleet_stress.recovery.journal import Journal
from fleet_stress.run.follow import follow

#: Longer than a test may take: whoever waits for so long has not noticed what it waits for.
FOREVER = 3600.0


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "runs/r1"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text("{}")
    return folder


@pytest.fixture
def journal(run):
    journal = Journal(run / "journal.jsonl", "supervisor")
    yield journal
    journal.close()


@pytest.fixture
def alive(tmp_path):
    """A supervisor of this run holds the host."""
    held = HostLock(tmp_path, {"run_id": "r1"})
    yield
    held.release()


@pytest.fixture
def poll(run, capsys):
    """One long poll: (exit code, what the news are, the poll's own line)."""

    def poll(offset=0, wait=FOREVER, steps=None):
        code = follow(run, offset, wait, steps)
        *news, own = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert own.pop("what") == "poll"
        return code, [entry["what"] for entry in news], own

    return poll


def test_a_run_that_is_not_there(run, poll):
    (run / "plan.json").unlink()

    assert poll() == (3, [], {"offset": 0, "alive": False, "ended": False, "known": False})


def test_only_news_are_told_and_told_once(alive, journal, poll, run):
    for what in ("run_started", "undo", "scenario_started", "step", "scenario_ended", "process"):
        journal.write(what)
    size = (run / "journal.jsonl").stat().st_size

    code, news, own = poll()

    assert (code, news) == (0, ["run_started", "scenario_started", "scenario_ended"])
    assert own == {"offset": size, "alive": True, "ended": False, "known": True}
    journal.write("run_ended")
    assert poll(own["offset"])[1] == ["run_ended"]


def test_it_waits_for_the_first_news(alive, journal, poll, monkeypatch):
    sleeps = []

    def pass_time(seconds):
        sleeps.append(seconds)
        journal.write("step" if len(sleeps) < 3 else "scenario_ended")

    monkeypatch.setattr(time, "sleep", pass_time)

    assert poll()[1] == ["scenario_ended"]
    assert len(sleeps) == 3


def test_without_news_it_comes_back_when_its_time_is_over(alive, journal, poll):
    journal.write("step")
    _, news, own = poll(wait=0.0)

    assert news == []
    assert own["alive"]
    assert own["offset"] > 0


def test_it_does_not_wait_for_a_supervisor_that_is_dead(journal, poll):
    _, news, own = poll()

    assert (news, own["alive"], own["ended"]) == ([], False, False)


def test_it_does_not_wait_for_a_run_that_has_ended_and_tells_its_last_news(alive, journal, poll, run):
    (run / "result.json").write_text("{}")
    assert poll()[2]["ended"]

    journal.write("run_ended")
    _, news, own = poll()
    assert (news, own["ended"], own["alive"]) == (["run_ended"], True, True)


def test_another_run_that_holds_the_host_is_not_this_one(tmp_path, journal, poll):
    held = HostLock(tmp_path, {"run_id": "r2"})
    assert not poll()[2]["alive"]
    held.release()


def test_a_line_that_is_not_yet_whole_is_told_by_the_next_poll(alive, journal, poll, run):
    with (run / "journal.jsonl").open("a") as stream:
        stream.write('{"what": "run_')
        stream.flush()
        _, news, own = poll(wait=0.0)
        stream.write('started"}\n')

    assert (news, own["offset"]) == ([], 0)
    assert poll()[1] == ["run_started"]


def test_steps_are_gathered_for_whoever_wants_them(alive, journal, poll, monkeypatch):
    """One poll for some steps, and not one for each."""
    clock = [1000.0]

    def pass_time(seconds):
        clock[0] += 1.0
        journal.write("step")

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", pass_time)

    assert poll(steps=3.0)[1] == ["step"] * 3


def test_a_verdict_does_not_wait_for_steps_to_gather(alive, journal, poll):
    for what in ("step", "scenario_ended"):
        journal.write(what)

    assert poll(steps=FOREVER)[1] == ["step", "scenario_ended"]


def test_a_step_tells_its_age_by_the_hosts_own_clock(alive, journal, run, capsys, monkeypatch):
    journal.write("step", detail="wait for exit")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)

    follow(run, 0, 0.0, steps=0.0)
    step = json.loads(capsys.readouterr().out.splitlines()[0])

    assert 59 < step["age"] < 120
    assert step["detail"] == "wait for exit"
