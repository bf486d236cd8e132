"""``corrupt`` does what it says to one file, and proves it by what stands there before and after."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from fleet_stress.faults.disk.corrupt import Corrupt
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import applied, make_site

GOOD = json.dumps({"orders": 5, "history": [1, 2, 3]}).encode()
OLDER = json.dumps({"orders": 4}).encode()


@pytest.fixture
def site(tmp_path):
    path, backup = tmp_path / "ledger.json", tmp_path / "ledger.backup.json"
    path.write_bytes(GOOD)
    backup.write_bytes(OLDER)
    ledger = Tracked("ledger", "state/ledger.json", path, "json", ("orders",), backup)
    return make_site(tmp_path, files={"ledger": ledger})


def corrupted(site, **arguments):
    arguments = {"file": "ledger", **arguments}
    fault = applied(Corrupt, site, arguments)
    return site.files["ledger"].path, fault.prove()


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        ({"text": '{"balance": '}, b'{"balance": '),
        ({"empty": True}, b""),
        ({"truncate_at": 6}, GOOD[:6]),
        ({"wrong_shape": True}, b'["not", "what", "belongs", "here"]\n'),
    ],
)
def test_the_file_holds_something_else(site, arguments, content):
    path, proof = corrupted(site, **arguments)

    assert path.read_bytes() == content
    assert proof.took_effect
    assert proof.details["before_fields"] == {"orders": 5.0}
    assert proof.details["backup_fields"] == {"orders": 4.0}
    assert proof.details["after"]["size"] == len(content)


def test_flipped_bits_are_the_same_for_the_same_seed(site):
    path, proof = corrupted(site, flip_bits=3, seed=7)
    first = path.read_bytes()
    path.write_bytes(GOOD)
    corrupted(site, flip_bits=3, seed=7)

    assert path.read_bytes() == first != GOOD
    assert len(first) == len(GOOD)
    assert sum(bin(a ^ b).count("1") for a, b in zip(first, GOOD, strict=True)) == 3
    assert proof.took_effect


def test_something_else_in_its_place(site):
    path, proof = corrupted(site, remove=True)
    assert (path.exists(), proof.took_effect, proof.details["after"]) == (False, True, None)

    path, _ = corrupted(site, folder=True)
    assert path.is_dir()
    path.rmdir()

    path, _ = corrupted(site, dangling_link=True)
    assert path.is_symlink()
    assert not path.exists()


def test_an_unreadable_file_keeps_its_content(site):
    path, proof = corrupted(site, mode="0000")

    assert path.stat().st_mode & 0o777 == 0
    assert proof.took_effect
    path.chmod(0o644)
    assert path.read_bytes() == GOOD


def test_the_backup_goes_only_when_asked(site):
    corrupted(site, empty=True)
    assert site.files["ledger"].backup.read_bytes() == OLDER

    _, proof = corrupted(site, text="not json at all", backup="remove")
    assert not site.files["ledger"].backup.exists()
    assert proof.took_effect


def test_it_did_not_bite_when_nothing_changed(site):
    _, proof = corrupted(site, text=GOOD.decode())
    assert not proof.took_effect

    corrupted(site, remove=True)
    _, proof = corrupted(site, remove=True)
    assert not proof.took_effect


def test_a_link_planted_by_the_bot_is_not_written_through(site, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path: Path = site.files["ledger"].path
    path.unlink()
    path.symlink_to(victim)

    with pytest.raises(OSError, match="symbolic link"):
        corrupted(site, text="x")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("arguments", [{"text": "not json at all\n"}, {"empty": True}, {"remove": True}])
def test_a_database_goes_with_what_lies_beside_it_which_would_mend_it(tmp_path, arguments):
    path = tmp_path / "ledger.sqlite"
    asked = {"orders": "SELECT count(*) FROM orders"}
    ledger = Tracked(
        "ledger", "state/ledger.sqlite", path, "sqlite", ("orders",), None, None, asked, tmp_path
    )
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as bots:
        bots.execute("PRAGMA journal_mode = wal")
        bots.execute("CREATE TABLE orders (id)")
        bots.execute("INSERT INTO orders VALUES (1)")
        beside = Path(f"{path}-wal")
        assert beside.stat().st_size > 0
        _, proof = corrupted(make_site(tmp_path, files={"ledger": ledger}), **arguments)

    assert proof.took_effect
    assert proof.details["before_fields"] == {"orders": 1.0}
    assert not beside.exists()
