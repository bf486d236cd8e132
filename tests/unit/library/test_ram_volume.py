"""``ram_volume`` by hand, in a mount namespace of the test's own: once, again, changed, and away."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.store.layout import MARKER

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.root, pytest.mark.linux]

PROGRAM = """
import json, os, subprocess, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from fleet_stress.recovery.recover import recover
from fleet_stress.system import mounts
ours, bot = sys.argv[1:]

def door(check=False, **arguments):
    arguments = {{"stress_dir": ours, "path": bot, "_ansible_check_mode": check, "_ansible_diff": True, **arguments}}
    done = subprocess.run(
        [sys.executable, {root!r} + "/library/ram_volume.py"],
        text=True,
        capture_output=True,
        input=json.dumps({{"ANSIBLE_MODULE_ARGS": arguments}}),
        env={{**os.environ, "PYTHONPATH": {root!r}}},
    )
    return json.loads(done.stdout) if done.stdout else done.stderr

def mounted():
    # Without the number that each has for itself.
    return [one.source.rpartition(":")[0] for one in mounts() if one.point == bot]

"""


@pytest.fixture
def told(tmp_path):
    """Runs lines in a mount namespace of their own; what they put into ``said``."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare (util-linux)")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / MARKER).write_text("{}")
    (tmp_path / "bot").mkdir()

    def run(lines):
        end = "\nrecover(Path(ours), force=True)\nprint(json.dumps(said))\n"  # so that no watchdog stays
        program = PROGRAM.format(root=str(ROOT)) + lines + end
        argv = ["unshare", "--mount", sys.executable, "-c", program, tmp_path / "ours", tmp_path / "bot"]
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_it_is_held_once_changed_and_taken_away(told, tmp_path):
    seen = told(
        """
asked = {"size": "1MB", "owner": "nobody"}
said = [door(check=True, **asked), mounted(), door(**asked), mounted(), door(**asked)]
said += [door(size="2MB", inodes=50, owner="nobody"), os.stat(bot).st_uid, mounted()]
said += [door(check=True, state="absent"), mounted(), door(state="absent"), mounted(), door(state="absent")]
"""
    )
    place = hashlib.sha256(str(tmp_path / "ours").encode()).hexdigest()[:6]
    looked, before, made, during, again, changed, uid, one, looked_away, still, gone, after, nothing = seen
    assert (looked["changed"], before, looked["volume"]) == (True, [], {})
    assert looked["diff"]["after"]["size_bytes"] == 1048576
    assert (made["changed"], during) == (True, [f"fleet-stress:by_hand.{place}"])
    assert made["volume"]["size_bytes"] == 1048576
    assert again["changed"] is False
    assert (changed["changed"], changed["volume"]["size_bytes"], changed["volume"]["inodes"]) == (
        True,
        2097152,
        50,
    )
    assert changed["diff"]["before"]["size_bytes"] == 1048576
    assert (uid, one) == (65534, [f"fleet-stress:by_hand.{place}"])
    assert (looked_away["changed"], still) == (True, [f"fleet-stress:by_hand.{place}"])
    assert (gone["changed"], after, gone["volume"]) == (True, [], {})
    assert nothing["changed"] is False


def test_recover_takes_it_away_when_told_so(told):
    seen = told(
        """
said = [door(size="1MB")["changed"], recover(Path(ours), force=True)["undone"], mounted(), door(size="1MB")["changed"]]
"""
    )
    assert seen[0] is True
    assert seen[1][0].startswith("held by hand: unmount ")
    assert seen[2:] == [[], True]


def test_what_makes_no_sense_is_refused_and_nothing_is_mounted(told):
    seen = told(
        """
Path(bot, "precious").touch()
said = [door(size="1MB"), door(size="1M"), door(size="0MB"), door(), door(size="1MB", owner="nobody-at-all"),
        door(size="1MB", stress_dir=bot), door(check=True, size="1MB"), mounted()]
"""
    )
    *answers, mounted = seen
    words = ["not empty", "no size", "no limit", "size", "nobody-at-all", "does not carry", "not empty"]
    for answer, word in zip(answers, words, strict=True):
        assert answer["failed"]
        assert word in answer["msg"]
    assert mounted == []
