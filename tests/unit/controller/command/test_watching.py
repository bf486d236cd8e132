"""What a watch teaches, and when the bot is watched again."""

import json
from subprocess import CompletedProcess

import pytest
from fleet_controller.catalogue.project import Project
from fleet_controller.command import watching
from fleet_controller.command.watching import Request, watch_until_known
from fleet_controller.drafting.bot_folder import BotFolder
from fleet_controller.drafting.guesses import guess
from fleet_controller.drafting.watched import Watched
from fleet_controller.messages.errors import UserError

SOURCE = 'EVERY = int(os.environ.get("EVERY", "5"))'


@pytest.fixture
def watches(monkeypatch, tmp_path):
    """Answers each watch with a bot that ends at once and says something; returns the profiles that were tried."""

    def answer(*said):
        tried = []

        def watch(_project, _request, profile):
            folder = tmp_path / str(len(tried))
            folder.mkdir()
            (folder / "err").write_text(said[len(tried)])
            ended = {"code": 1, "signal": None, "at": 0.2, "by": "itself"}
            start = {"n": 1, "at": 0.1, "exit": ended, "signals": [], "stdout": "none", "stderr": "err"}
            (folder / "evidence.json").write_text(json.dumps({"starts": [start]}))
            tried.append(profile)
            return Watched(folder)

        monkeypatch.setattr(watching, "watch", watch)
        folder = BotFolder(tmp_path, ["bot.py"], {"bot.py": SOURCE})
        with pytest.raises(UserError) as refused:
            watch_until_known(Project(tmp_path), Request("bot"), guess(folder, "mine"))
        return tried, str(refused.value)

    return answer


def test_a_bot_that_takes_no_half_seconds_is_asked_for_whole_ones(watches):
    tried, refusal = watches("ValueError: invalid literal for int() with base 10: '0.5'", "no such account")
    assert [profile["settings"]["scan_interval"] for profile in tried] == [
        {"variable": "EVERY"},
        {"variable": "EVERY", "type": "integer"},
    ]
    assert "no such account" in refusal


def test_a_bot_that_ends_for_another_reason_is_not_watched_again(watches):
    tried, refusal = watches("KeyError: 'SYMBOL'")
    assert len(tried) == 1 and "KeyError: 'SYMBOL'" in refusal


def test_what_was_typed_does_not_lead_the_evidence_elsewhere(monkeypatch, tmp_path):
    asked = []

    def run(argv, **_):
        asked.extend(argv)
        return CompletedProcess(argv, 2)

    monkeypatch.setattr(watching.subprocess, "run", run)
    elsewhere = ["-e", "stress_results_dir=/srv/more"]
    extra = ["stress_results_dir=/srv/results", "stress_dir=/srv/stress"]
    request = Request("bot", extra=extra, verbatim=elsewhere)
    with pytest.raises(UserError):
        watching.watch(Project(tmp_path), request, {"name": "mine", "source": str(tmp_path)})
    assert "/srv/stress" in " ".join(asked)
    counts = [word for word in asked if "stress_results_dir" in word][-1]  # Ansible takes the last
    assert str(tmp_path / ".cache/init/mine/results") in counts
