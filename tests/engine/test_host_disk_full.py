"""The disk of the host itself is full while we write our journal: the run ends, undoes, and says why."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.store import layout

from .conftest import BASELINE, FOREVER, RUN, bots_of, result, scenario, start, until, verdicts, wait

pytestmark = [pytest.mark.root, pytest.mark.linux]
_SIZE = 24 * 1024 * 1024


@pytest.fixture
def small_disk(stress_dir):
    """Our folder lies on a disk of its own, of which the test knows how to take the last byte."""
    system.mount_ram_volume("fs-test-disk", stress_dir, size=_SIZE, inodes=None, owner=(0, 0))
    stress_dir.chmod(0o755)
    (stress_dir / layout.MARKER).write_text("{}")
    yield stress_dir
    free(stress_dir)
    holder = host_lock.holder(stress_dir)
    if holder:
        os.kill(holder["pid"], signal.SIGTERM)
        until(lambda: host_lock.holder(stress_dir) is None, "the supervisor ends")
    while any(mount.point == str(stress_dir) for mount in system.mounts()):
        system.unmount(stress_dir)


def fill(folder):
    """Take every byte that is left, from outside our own files."""
    with (folder / "somebody-elses").open("ab", buffering=0) as stream:
        size = 1 << 20
        while size:
            try:
                stream.write(b"x" * size)
            except OSError:
                size //= 2
    assert shutil.disk_usage(folder).free == 0


def free(folder):
    (folder / "somebody-elses").unlink(missing_ok=True)


def test_a_run_on_a_disk_that_fills_ends_undoes_and_has_a_result(make_plan, small_disk):
    later = scenario("later", [start(3), wait("exit")], exclusive=True)
    late = [scenario(f"late{n}", [start(9999), wait("first_cycle", then=1.0)]) for n in range(6)]
    plan = make_plan([BASELINE, FOREVER, *late, later])
    run_dir = Path(hand_over(plan)["run_dir"])
    until(lambda: len(bots_of(RUN)) >= 3, "bots run side by side")
    fill(small_disk)

    found = result(run_dir)

    assert found["stopped"]["by"].startswith("the full disk of this host")
    assert found["leftovers"] == []
    assert verdicts(found)["baseline"] == "passed"
    assert verdicts(found)["forever"] == verdicts(found)["later"] == "error"
    assert bots_of(RUN) == []
    assert open_records(run_dir / "journal.jsonl") == []


def test_recover_works_on_a_full_disk_and_finds_nothing_the_second_time(make_plan, small_disk):
    run_dir = Path(hand_over(make_plan([FOREVER]))["run_dir"])
    until(lambda: bots_of(RUN), "the endless bot runs")
    fill(small_disk)
    report = recover(small_disk, force=True)

    assert report["failed"] == []
    assert bots_of(RUN) == []
    assert open_records(run_dir / "journal.jsonl") == []
    assert recover(small_disk, force=True)["changed"] is False
