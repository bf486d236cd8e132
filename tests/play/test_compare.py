"""Two versions of a bot in one command: each a run of its own, the second not disturbed by the first."""

import json
import re

import pytest

from .conftest import bot
from .test_bad_input import HEALTHY

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]


def versions(folder):
    """A healthy bot and one that ends badly; the variables that choose them, but for which is the old one."""
    chosen = bot(folder, HEALTHY)
    healthy = chosen.pop("bot_source")
    (folder / "bad").mkdir()
    (folder / "bad/main.py").write_text(f"{HEALTHY}\nraise SystemExit(1)\n")
    return chosen, healthy, str(folder / "bad")


def comparison(play):
    return json.loads((play.results / "latest/compare.json").read_text())


def test_a_worse_version_fails_and_a_better_one_does_not_nor_does_a_host_that_is_lost(play, tmp_path):
    chosen, healthy, bad = versions(tmp_path)

    code, said = play.run(playbook="playbooks/compare.yml", old=healthy, new=bad, **chosen)

    assert code != 0
    assert "1 worse on 1 host" in said, said
    assert "1 row got worse" in said
    old, new = play.run_ids()
    assert [comparison(play)[which]["run_id"] for which in ("old", "new")] == [old, new]
    assert (play.results / old / "junit.xml").is_file(), "each is a run with its own results"
    assert f'href="../{old}/index.html#here/' in (play.results / new / "compare.html").read_text()

    # What failed last time, in the newest run, is what would be run again.
    again = {**chosen, "scenarios": "failed", "bot_source": bad}
    code, said = play.run("--check", **again)
    assert code == 0, said
    assert re.search(r"^here +1 +- ", said, re.MULTILINE), said

    # Both stand on the host by now, so nothing is brought: what the first pass knew is not the second's.
    away = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
    play.host("away", **away)
    code, said = play.run(playbook="playbooks/compare.yml", old=bad, new=healthy, **chosen)

    assert code == 0, said
    assert comparison(play)["counts"] == {"worse": 0, "not_compared": 1, "better": 1, "stayed": 0}
    [better] = [row for row in comparison(play)["rows"] if row["host"] == "here"]
    assert (better["old"]["verdict"], better["new"]["verdict"]) == ("failed", "passed")


def test_check_mode_runs_neither(fresh_play, tmp_path):
    chosen, healthy, bad = versions(tmp_path)

    code, said = fresh_play.run("--check", playbook="playbooks/compare.yml", old=healthy, new=bad, **chosen)

    assert code == 0, said
    assert list(fresh_play.places.iterdir()) == []
    assert not fresh_play.results.exists()
