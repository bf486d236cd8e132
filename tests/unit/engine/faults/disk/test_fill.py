"""``fill``: real writes until a real volume is full, and keeping it so; a share of the host's disk at most."""

import contextlib
import errno
import time

import pytest

from fleet_stress.faults.disk.fill import Fill
from fleet_stress.faults.disk.ram_volume import RamVolume
from fleet_stress.faults.disk.write_trial import WELL, write_as
from fleet_stress.faults.site import Where
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import KINDS, Undo
from fleet_stress.store.layout import FILE_PREFIX, MARKER
from fleet_stress.system import ram_volume as volume
from tests.unit.engine.faults import volumes
from tests.unit.engine.faults.conftest import applied, make_site

FULL = {"folder": "state", "until_free": "0B"}


@pytest.fixture
def place(tmp_path):
    (tmp_path / MARKER).write_text("")
    return make_site(tmp_path)


@pytest.fixture
def site(tmp_path):
    """One with a volume of 256 KB on its state folder."""
    arguments = {"folder": "state", "size": "256KB"}
    with volumes.of_our_own():
        (tmp_path / MARKER).write_text("")
        site = make_site(tmp_path, private_mounts=True)
        ledger = Tracked("ledger", "state/ledger.json", state_of(site) / "ledger.json", "json", ("n",), None)
        log = Tracked("errors", "state/errors.log", state_of(site) / "errors.log", "text", (), None)
        site = site._replace(files={"ledger": ledger, "errors": log})
        mounted = applied(RamVolume, site, arguments)
        yield site
        mounted.revert()


def state_of(site):
    return volume.Path(site.places["state_dir"])


def until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.root
@pytest.mark.linux
class TestOnAVolume:
    def test_not_a_byte_is_left(self, site):
        fault = applied(Fill, site, FULL)
        with pytest.raises(OSError, match="No space left") as problem:
            (state_of(site) / "x").write_text("x")
        assert problem.value.errno == errno.ENOSPC
        (state_of(site) / "x").unlink()

        proof = fault.prove()
        assert proof.took_effect
        assert (proof.details["full"], proof.details["enospc"]) == (True, True)
        assert proof.details["last"]["free_bytes"] == 0
        assert proof.details["before"]["free_bytes"] == 256 * 1024
        fault.revert()
        assert list(state_of(site).iterdir()) == []

    def test_what_the_bot_gives_back_is_taken_at_once(self, site):
        (state_of(site) / "old.json").write_bytes(bytes(40000))
        fault = applied(Fill, site, FULL)
        (state_of(site) / "old.json").unlink()
        until(lambda: volume.figures(state_of(site))["free_bytes"] == 0)
        assert fault.prove().took_effect
        fault.revert()

    def test_who_tried_is_known_and_appending_does_not_count(self, site):
        ledger = state_of(site) / "ledger.json"
        ledger.write_text('{"n": 3}')
        (state_of(site) / "errors.log").write_text("first\n")
        fault = applied(Fill, site, FULL)
        assert fault.hits() == 0
        with (state_of(site) / "errors.log").open("a") as stream:
            stream.write("second\n")  # there is room in its block
        with pytest.raises(OSError, match="No space"):
            (state_of(site) / "ledger.json.tmp").write_text('{"n": 4}')
        until(lambda: fault.hits() >= 1)

        proof = fault.prove()

        assert set(proof.details["tried"]) == {"state/ledger.json.tmp"}
        before, last = (
            proof.details[name]["state/ledger.json"] for name in ("tracked_before", "tracked_last")
        )
        assert before == last
        assert (before["json"], before["fields"]) == ("valid", {"n": 3.0})
        fault.revert()

    def test_some_may_be_left(self, site):
        arguments = {**FULL, "until_free": "64KB"}
        fault = applied(Fill, site, arguments)
        assert volume.figures(state_of(site))["free_bytes"] == 65536
        (state_of(site) / "x").write_bytes(bytes(60000))
        assert fault.prove().took_effect
        fault.revert()

    def test_so_many_files_and_the_last_does_not_fit(self, site):
        arguments = {"folder": "state", "size": "100KB", "count": 5, "volume": True}
        fault = applied(Fill, site, arguments)
        proof = fault.prove()
        assert (proof.took_effect, proof.details["full"], proof.details["files"]) == (True, True, 3)
        assert proof.details["written_bytes"] == 256 * 1024
        fault.revert()

    def test_inodes_alone_are_taken_and_bytes_stay_free(self, tmp_path):
        volume_of, arguments = (
            {"folder": "state", "size": "256KB", "inodes": 20},
            {"folder": "state", "inodes": "all"},
        )
        (tmp_path / MARKER).write_text("")
        with volumes.of_our_own():
            site = make_site(tmp_path, private_mounts=True)
            mounted = applied(RamVolume, site, volume_of)
            (state_of(site) / "ledger.json").write_text("good")
            (site.evidence / "start-01.err").touch()
            filled = applied(Fill, site, arguments)

            with pytest.raises(OSError, match="No space left"):
                (state_of(site) / "ledger.json.tmp").touch()
            (site.evidence / "start-01.err").write_text("OSError: [Errno 28] No space left on device\n")
            assert filled.hits() == 1  # nothing else shows a file that could not be made
            (state_of(site) / "ledger.json").write_bytes(bytes(40000))  # in place there is room
            (state_of(site) / "ledger.json").unlink()
            until(lambda: volume.figures(state_of(site))["free_inodes"] == 0)

            proof = filled.prove()
            assert (proof.took_effect, proof.details["enospc"]) == (True, True)
            assert (proof.details["last"]["free_inodes"], proof.details["last"]["free_bytes"]) == (
                0,
                256 * 1024,
            )
            filled.revert()
            assert list(state_of(site).iterdir()) == []
            mounted.revert()

    def test_a_disk_that_is_full_of_bytes_is_not_one_without_inodes(self, tmp_path):
        volume_of, arguments = (
            {"folder": "state", "size": "16KB", "inodes": 20},
            {"folder": "state", "inodes": "all"},
        )
        (tmp_path / MARKER).write_text("")
        with volumes.of_our_own():
            site = make_site(tmp_path, private_mounts=True)
            mounted = applied(RamVolume, site, volume_of)
            (state_of(site) / "ledger.json").write_bytes(bytes(16 * 1024))
            filled = applied(Fill, site, arguments)

            assert not filled.prove().took_effect

            filled.revert()
            mounted.revert()

    def test_no_names_are_left_either(self, tmp_path):
        arguments = {"folder": "log", "size": "256KB", "inodes": 4}
        with volumes.of_our_own():
            site = make_site(tmp_path, private_mounts=True)
            mounted = applied(RamVolume, site, arguments)
            for number in range(3):
                volume.Path(site.places["log_dir"], str(number)).touch()
            filled = applied(Fill, site, {"folder": "log", "until_free": "0B"})
            assert filled._pile.met_enospc
            filled.revert()
            mounted.revert()


@pytest.mark.root
@pytest.mark.linux
def test_a_log_that_is_cut_off_has_met_it_whatever_the_bot_says(site):
    """A bot whose only file there is its log gives no other sign: its log handler swallows the error."""
    log = state_of(site) / "errors.log"
    with log.open("ab", buffering=0) as stream:
        stream.write(b"a line before\n")
        fault = applied(Fill, site, FULL)
        try:
            assert fault.hits() == 0
            for number in range(200):
                try:
                    stream.write(b"order %d is placed, which nobody will read\n" % number)
                except OSError:
                    break
            assert fault.hits() > 100
            assert fault.prove().details["cut_off"] == ["state/errors.log"]
        finally:
            fault.revert()


@pytest.mark.root
@pytest.mark.linux
def test_what_a_companion_writes_is_no_try_of_the_bots(site):
    companion = {"name": "market", "argv": ["market.py", "--orders=${state_dir}/orders.json"]}
    fault = applied(Fill, site._replace(bot={**site.bot, "companions": [companion]}), FULL)
    try:
        for name in ("orders.json.new", "ledger.json"):
            with contextlib.suppress(OSError):
                (state_of(site) / name).write_text("x" * 10_000)
        until(lambda: fault.hits())
        assert set(fault.prove().details["tried"]) == {"state/ledger.json"}
    finally:
        fault.revert()


def test_a_disk_that_the_host_lives_on_is_never_filled_to_the_end(place):
    with pytest.raises(OSError, match="no volume of its own"):
        applied(Fill, place, FULL)
    with pytest.raises(OSError, match="no volume of its own"):
        applied(Fill, place, {"folder": "log", "size": "1KB", "volume": True})
    with pytest.raises(OSError, match="no volume of its own"):
        applied(Fill, place, {"folder": "state", "inodes": "all"})
    assert list(state_of(place).iterdir()) == []


def test_no_more_than_a_share_of_it_is_taken(place, tmp_path):
    free = volume.figures(tmp_path)["free_bytes"]
    count = min(10000, free // 10 // (9999 << 20) + 1)
    arguments = {"folder": "state", "size": "9999MB", "count": count}
    if count * (9999 << 20) <= free / 10:
        pytest.skip("a disk of more than a petabyte")
    cannot = Fill.supported(Where(tmp_path, {}, None), arguments)
    assert "more than 10%" in cannot.reason
    with pytest.raises(OSError, match="more than 10%"):
        applied(Fill, place, arguments)
    assert Fill.supported(Where(tmp_path, {}, None), {"folder": "state", "size": "1KB"}) is None


def test_files_on_the_hosts_disk_are_proved_by_their_bytes_and_removed(place):
    arguments = {"folder": "log", "size": "10KB", "count": 7}
    log = volume.Path(place.places["log_dir"])
    (log / "errors.log").write_text("the bot's")
    fault = applied(Fill, place, arguments)
    made = sorted(path for path in log.iterdir() if path.name.startswith(FILE_PREFIX))
    assert [item.stat().st_size for item in made] == [10240] * 7
    assert len({item.name for item in made}) == 7
    proof = fault.prove()
    assert (proof.took_effect, proof.details["enospc"], proof.details["written_bytes"]) == (
        True,
        False,
        71680,
    )
    fault.revert()
    assert [path.name for path in log.iterdir()] == ["errors.log"]


def test_it_did_not_bite_when_a_file_fell_short(place):
    arguments = {"folder": "log", "size": "10KB", "count": 2}
    fault = applied(Fill, place, arguments)
    fault._pile.written -= 1
    assert not fault.prove().took_effect
    fault.revert()


def test_its_undo_record_removes_our_files_alone_and_sees_what_is_left(place, tmp_path):
    arguments = {"folder": "log", "size": "1KB", "count": 3}
    fault = Fill(place, arguments)
    [needed] = fault.undo()
    undo = Undo(Journal(tmp_path / "journal.jsonl", "arena"))
    record = undo.record(needed.kind, **needed.arguments)
    fault.apply()
    log = volume.Path(place.places["log_dir"])
    (log / "errors.log").write_text("the bot's")
    (log / f"{FILE_PREFIX}fill-0001.bin").write_text("the bot's")
    assert not KINDS[needed.kind].gone(**needed.arguments)

    for _ in range(2):  # repeatable
        undo.carry_out(record, needed.kind, needed.arguments)

    assert {path.name for path in log.iterdir()} == {"errors.log", f"{FILE_PREFIX}fill-0001.bin"}
    fault.revert()


def test_names_of_ours_that_a_bot_has_taken_are_in_nobodys_way(place):
    log = volume.Path(place.places["log_dir"])
    taken = {f"{FILE_PREFIX}{name}" for name in ("fill-0001.bin", "probe", "trial")}
    for name in taken:
        (log / name).mkdir()

    fault = applied(Fill, place, {"folder": "log", "size": "1KB", "count": 2})
    assert not volume.is_full(log)
    assert write_as(place.user, log) == WELL
    fault.revert()

    assert {path.name for path in log.iterdir()} == taken


def test_a_link_in_the_folders_place_is_not_followed(place, tmp_path):
    [needed] = Fill(place, FULL).undo()
    victim = tmp_path / "victim"
    victim.mkdir()
    ours = f"{needed.arguments['prefix']}0001.bin"
    (victim / ours).touch()
    state_of(place).rmdir()
    state_of(place).symlink_to(victim)
    KINDS[needed.kind].undo(**needed.arguments)
    assert [path.name for path in victim.iterdir()] == [ours]


@pytest.mark.root
@pytest.mark.linux
def test_what_is_appended_in_a_files_last_block_is_no_try_and_what_fails_there_is_told_by_the_bot(site):
    """`echo >> trades.csv`: on a full disk a hundred short rows may still fit, and what does not changes no file."""
    trades, said = state_of(site) / "trades.csv", site.evidence / "start-01.err"
    trades.write_text("seq,side\n")
    said.write_text("")
    fault = applied(Fill, site, FULL)
    try:
        with trades.open("a") as stream:
            for number in range(60):
                stream.write(f"{number},buy\n")
                stream.flush()
                assert fault.cannot_hit() is None
        with contextlib.suppress(OSError):
            (state_of(site) / "ledger.json").write_text("x" * 10_000)
        until(lambda: fault.hits())
        assert fault.prove().details["tried"].get("state/trades.csv", 0) < 30
        with said.open("a") as stream:
            stream.write("trade not written: No space left on device\n" * 40)
        assert fault.hits() >= 40
    finally:
        fault.revert()


@pytest.mark.root
@pytest.mark.linux
def test_files_in_a_folder_below_count_too(site):
    """One file for each symbol: `data/positions/BTC.json`."""
    btc = state_of(site) / "data/positions/BTC.json"
    btc.parent.mkdir(parents=True)
    btc.write_text('{"n": 3}')
    site = site._replace(
        files={"btc": Tracked("btc", "state/data/positions/BTC.json", btc, "json", ("n",), None)}
    )
    fault = applied(Fill, site, FULL)
    try:
        with contextlib.suppress(OSError):
            btc.with_suffix(".tmp").write_text("x" * 10_000)
        until(lambda: fault.hits())
        details = fault.prove().details
        assert set(details["tried"]) == {"state/data/positions/BTC.tmp"}
        assert details["tracked_before"]["state/data/positions/BTC.json"]["fields"] == {"n": 3.0}
    finally:
        fault.revert()
