"""What a bot saves through files that it holds open, no fault of names, inodes or opens reaches."""

import contextlib
import errno
import sqlite3

import pytest

from fleet_stress.faults.disk.vanish import Vanish
from fleet_stress.faults.error_sightings import NO_DESCRIPTOR, NO_FILE, Sightings
from fleet_stress.faults.held_open import SavedMeanwhile
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import applied, make_site

OPENS_NOTHING = "it opens nothing anew"


@pytest.fixture
def site(tmp_path):
    site = make_site(
        tmp_path, bot={"state": {"orders": {"rewritten": "cycle"}, "notes": {"rewritten": "change"}}}
    )
    files = {
        role: Tracked(role, f"state/{role}", tmp_path / f"state/{role}", "jsonl", (), None)
        for role in ("orders", "notes")
    }
    for file in files.values():
        file.path.touch()
    return site._replace(files=files)


def write(saved, site, *roles, times=10):
    for _ in range(times):
        for role in roles:
            with site.files[role].path.open("a") as stream:
                stream.write("one more\n")
        saved.look()


def test_a_bot_that_goes_on_saving_has_nothing_to_hit(site, tmp_path):
    saved = SavedMeanwhile(site, tmp_path / "state")
    assert not saved.goes_on()
    write(saved, site, "orders")

    assert saved.details(OPENS_NOTHING) == {
        "nothing_to_hit": True,
        "why": "the bot went on saving to state/orders as before: it opens nothing anew",
    }


def test_a_wait_for_a_hit_ends_only_when_it_went_on_for_long(site, tmp_path):
    saved = SavedMeanwhile(site, tmp_path / "state")
    write(saved, site, "orders", times=49)
    assert saved.cannot_hit() is None
    write(saved, site, "orders", times=1)
    assert saved.cannot_hit() == "the bot went on saving to state/orders as before"


def test_the_end_of_a_write_that_had_begun_is_no_sign(site, tmp_path):
    saved = SavedMeanwhile(site, tmp_path / "state")
    write(saved, site, "orders", times=3)
    assert (saved.goes_on(), saved.details(OPENS_NOTHING)) == (True, {})


def test_a_file_of_every_cycle_that_stands_still_may_be_hit_in_silence(site, tmp_path):
    saved = SavedMeanwhile(site, tmp_path / "state")
    write(saved, site, "notes")
    assert saved.details(OPENS_NOTHING) == {}


def test_a_folder_that_is_moved_away_takes_no_open_database_with_it(site, tmp_path):
    database = Tracked("orders", "state/o.sqlite", tmp_path / "state/o.sqlite", "sqlite", (), None)
    site = site._replace(files={"orders": database})
    with contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as bots:
        bots.execute("PRAGMA journal_mode = wal")
        bots.execute("CREATE TABLE orders (id)")
        fault = applied(Vanish, site, {})
        for number in range(10):
            bots.execute("INSERT INTO orders VALUES (?)", (number,))
            assert fault.hits() == 0
        proof = fault.prove()
        fault.revert()

    assert not proof.took_effect
    assert proof.details["nothing_to_hit"]
    assert "went on saving to state/o.sqlite" in proof.details["why"]


@pytest.mark.parametrize(
    "said",
    [
        "open x: too many open files",
        "[Errno 24] Too many open files: 'x'",
        "unable to open database file",
        "run.sh: 15: Pipe call failed",
        "sleep: error while loading shared libraries: libc.so.6: cannot open shared object file: Error 24",
    ],
)
def test_an_error_is_known_in_the_words_of_go_python_sqlite_dash_and_glibc(site, said):
    (site.evidence / "start-01.err").touch()
    sightings = Sightings(site, errno.EMFILE, words=(*NO_FILE, *NO_DESCRIPTOR))
    (site.evidence / "start-01.err").write_text(f"{said}\n")
    assert sightings.count() == 1
    sightings.close()
