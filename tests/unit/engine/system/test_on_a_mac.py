"""What only a real Mac can tell: that its programs and calls do what the doubles say. ``make macos`` runs these."""

import os
import pwd
import subprocess
import sys
import time

import pytest

from fleet_stress import system
from fleet_stress.system.darwin import service

pytestmark = pytest.mark.macos


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_boot_has_a_name_and_a_clock_that_goes_on():
    assert len(system.boot_id()) == 36
    first = system.boot_clock()
    until(lambda: system.boot_clock() > first)


def test_the_folders_that_anybody_may_write_to_are_there_by_their_real_names():
    assert all(
        folder.is_dir() and os.path.realpath(folder) == str(folder) for folder in system.SHARED_FOLDERS
    )


def test_a_user_s_own_temporary_folder_is_found():
    told = subprocess.run(
        ["getconf", "DARWIN_USER_TEMP_DIR"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert any(
        os.path.realpath(told).startswith(f"{folder}/")
        for folder in system.user_temporary_folders(os.getuid())
    )


def test_caffeinate_ends_with_whom_it_watches():
    watched = subprocess.Popen(["sleep", "600"])
    awake = subprocess.Popen(system.stay_awake_command(watched.pid))
    assert awake.poll() is None
    watched.kill()
    watched.wait()
    assert awake.wait(60) == 0


@pytest.mark.root
def test_launchd_takes_a_job_runs_it_and_gives_it_back(tmp_path):
    record, said = tmp_path / "watchdog.plist", tmp_path / "said"
    argv = [sys.executable, "-c", f"open({str(said)!r}, 'w').write('up'); import time; time.sleep(600)"]
    try:
        assert system.start_service(argv, f"trial.{os.getpid()}", record, tmp_path / "log")
        until(said.exists)
    finally:
        system.end_service(record)
    assert not service._loaded(f"system/fleet-stress.trial.{os.getpid()}")
    assert not record.exists()


def test_a_mac_s_users_have_names_that_the_directory_knows():
    assert pwd.getpwnam("_spotlight").pw_uid < 500
