"""A lease ends by a clock that nobody sets, and nobody but its file knows when."""

import json

import pytest

from fleet_stress import system
from fleet_stress.recovery import lease


@pytest.fixture
def clock(monkeypatch):
    """The host's clock since its boot, told by the test."""

    class Clock:
        now, boot = 1000.0, "first boot"

    monkeypatch.setattr(system, "boot_clock", lambda: Clock.now)
    monkeypatch.setattr(system, "boot_id", lambda: Clock.boot)
    return Clock


def test_it_runs_out_unless_it_is_renewed(tmp_path, clock):
    path = tmp_path / "fault.json"
    lease.grant(path, 30)
    clock.now += 20
    assert lease.left(path) == 10
    assert lease.renew(path, 30) == 30
    clock.now += 31
    assert lease.left(path) == 0


def test_one_that_has_run_out_is_not_renewed_for_its_undoing_may_have_begun(tmp_path, clock):
    path = tmp_path / "fault.json"
    lease.grant(path, 30)
    clock.now += 30
    with pytest.raises(LookupError, match="fault has no lease any more"):
        lease.renew(path, 30)
    with pytest.raises(LookupError):
        lease.renew(tmp_path / "never.json", 30)


def test_it_is_never_renewed_beyond_its_latest_moment(tmp_path, clock):
    path = tmp_path / "fault.json"
    lease.grant(path, 30, latest=60)
    clock.now += 25
    assert lease.renew(path, 30) == 30
    clock.now += 25
    assert lease.renew(path, 30) == 10


def test_after_a_boot_it_has_run_out(tmp_path, clock):
    lease.grant(tmp_path / "fault.json", 30)
    clock.boot, clock.now = "second boot", 5.0
    assert lease.left(tmp_path / "fault.json") == 0


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"boot": 1}', json.dumps({"boot": "first boot", "until": None})]
)
def test_one_that_cannot_be_read_has_run_out(tmp_path, clock, content):
    (tmp_path / "fault.json").write_text(content)
    assert lease.left(tmp_path / "fault.json") == 0


def test_the_real_clock_does_not_follow_the_one_on_the_wall(tmp_path):
    lease.grant(tmp_path / "fault.json", 600)
    assert 500 < lease.left(tmp_path / "fault.json") <= 600
