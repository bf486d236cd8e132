"""``clock`` and ``clock_step``: a real program whose clock is stepped under it, and proofs that claim no more."""

import datetime
import json
import os
import pwd
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.faults.process import clock, clock_step
from fleet_stress.faults.site import Where
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system import fake_clock
from fleet_stress.system.process import User
from tests.unit.engine.faults.conftest import applied, make_site
from tests.unit.engine.faulty_fs.conftest import place  # noqa: F401

pytestmark = [
    pytest.mark.linux,
    pytest.mark.root,
    pytest.mark.skipif(
        fake_clock.library() is None, reason="libfaketime is not here: apt-get install faketime"
    ),
]
HOUR = 3600.0
#: A bot that writes what time it is whenever it is asked to.
BOT = """
import json, sys, time
for line in sys.stdin:
    with open(sys.argv[1], "w") as stream:
        json.dump({"at": time.time()}, stream)
    print("written", flush=True)
"""
OPEN = User("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


class Bot:
    def __init__(self, folder):
        self.file, self.running = folder / "state" / "health.json", None
        health = Tracked("health", "state/health.json", self.file, "json", (), None)
        changes = {"user": OPEN} if os.geteuid() == 0 else {}
        self.site = make_site(
            folder,
            files={"health": health},
            bot={"environment": {}, "timestamp": {"file": "health", "field": "at"}},
            processes=lambda: [psutil.Process(self.running.pid)] if self.running else [],
            mark=str(folder),
            **changes,
        )

    def start(self, environment=None):
        self.running = subprocess.Popen(
            [sys.executable, "-c", BOT, str(self.file)],
            env=self.site.next_start.environment if environment is None else environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.writes()

    def writes(self):
        self.running.stdin.write("\n")
        self.running.stdin.flush()
        assert self.running.stdout.readline() == "written\n"

    def end(self):
        if self.running:
            self.running.kill()
            self.running.communicate()
            self.running = None


@pytest.fixture
def bot(place):  # noqa: F811
    made = Bot(place)
    yield made
    made.end()
    fake_clock.forget(fake_clock.prefix(str(place)))


def test_a_step_is_proved_by_the_bots_own_words_and_gone_with_the_clock(bot):
    fault = applied(clock.Clock, bot.site, {})
    bot.start()
    step = {"back": HOUR}
    stepped = applied(clock_step.ClockStep, bot.site, step).prove()
    bot.writes()
    proof = fault.prove()

    assert stepped.took_effect
    assert stepped.details["stepped_by"] == -HOUR
    assert proof.took_effect
    assert abs(proof.details["bot"]["apart"] + HOUR) < fake_clock.NEAR
    assert abs(proof.details["control"]["at_the_end"]["offset"] + HOUR) < fake_clock.NEAR

    fault.revert()
    assert bot.site.next_start.environment == {}
    bot.writes()
    assert abs(json.loads(bot.file.read_text())["at"] - time.time()) < fake_clock.NEAR


def test_no_bot_no_bite(bot):
    applied(clock.Clock, bot.site, {})
    step = {"forward": HOUR}
    proof = applied(clock_step.ClockStep, bot.site, step).prove()
    assert not proof.took_effect
    assert proof.details["why"] == "no bot was running whose clock could be stepped"


def test_a_bot_that_did_not_load_it_was_not_stepped(bot):
    fault = applied(clock.Clock, bot.site, {})
    bot.start(environment={})
    step = {"forward": HOUR}
    stepped = applied(clock_step.ClockStep, bot.site, step).prove()
    bot.writes()
    proof = fault.prove()

    assert not stepped.took_effect
    assert "in no process of the bot" in stepped.details["why"]
    assert not proof.took_effect
    assert "it has another clock" in proof.details["why"]


def test_what_was_written_before_the_step_says_nothing_about_it(bot):
    fault = applied(clock.Clock, bot.site, {})
    bot.start()
    applied(clock_step.ClockStep, bot.site, {"forward": HOUR})
    proof = fault.prove()
    assert proof.took_effect
    assert "not written since" in proof.details["bot"]["why"]


def test_a_step_without_a_clock_is_our_mistake(bot):
    with pytest.raises(OSError, match=r"clock\.json"):
        applied(clock_step.ClockStep, bot.site, {"forward": HOUR})
    applied(clock.Clock, bot.site, {})
    with pytest.raises(OSError, match="put it before the start"):
        applied(clock_step.ClockStep, bot.site, {"to_change": 1.0})


@pytest.mark.parametrize("night", ["ends", "begins"])
def test_a_night_bit_when_its_change_has_come(bot, night):
    fault = applied(clock.Clock, bot.site, {"night": night})
    bot.start()
    assert bot.site.next_start.environment["TZ"] == "Europe/Berlin"
    assert not fault.prove().took_effect

    applied(clock_step.ClockStep, bot.site, {"to_change": 0.001})
    bot.writes()
    proof = fault.prove()

    assert proof.took_effect, proof
    told = proof.details["control"]
    assert (told["at_first"]["dst"], told["at_the_end"]["dst"]) == (night == "ends", night != "ends")


@pytest.mark.parametrize(
    ("zone", "night", "after", "change"),
    [
        ("Europe/Berlin", "ends", "2026-07-01", "2026-10-25 01:00"),
        ("Europe/Berlin", "begins", "2026-07-01", "2027-03-28 01:00"),
        ("Europe/Berlin", "ends", "2026-12-01", "2027-10-31 01:00"),
        ("Australia/Sydney", "ends", "2026-07-01", "2027-04-03 16:00"),
    ],
)
def test_when_the_changes_are(zone, night, after, change):
    begin, expected = (
        datetime.datetime.fromisoformat(item).replace(tzinfo=datetime.UTC) for item in (after, change)
    )
    assert clock.next_change(zone, night, begin.timestamp()) == expected.timestamp()


def test_a_zone_without_daylight_saving_has_no_such_night():
    with pytest.raises(OSError, match="no daylight saving in Asia/Tokyo"):
        clock.next_change("Asia/Tokyo", "ends", time.time())


def test_whether_a_host_can_is_tried(tmp_path, monkeypatch):
    where = Where(tmp_path, {"python": "/usr/bin/python3"}, None)
    assert clock.Clock.supported(where, {}) is None
    assert (
        "Mars/Olympus is not known"
        in clock.Clock.supported(where, {"night": "ends", "zone": "Mars/Olympus"}).reason
    )
    assert "breaks down" in clock.Clock.supported(where._replace(bot={"python": "/bin/false"}), {}).reason
    not_there_yet = {"python": "-", "user": "nobody-made-it-yet"}
    assert clock.Clock.supported(where._replace(bot=not_there_yet), {}) is None
    monkeypatch.setattr(clock, "library", lambda: None)
    assert clock_step.ClockStep.supported(where, {"forward": 1.0}).enable.startswith("install libfaketime")
