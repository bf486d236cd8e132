"""What a hostile bot puts into its folders is looked at within bounds, and spoils no evidence of ours."""

import errno
import os
import pwd

import pytest

from fleet_stress.observe import bot_files, snapshot, watch
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.observe.snapshot import Snapshots
from fleet_stress.observe.stray_writes import MOST_TOLD, StrayWrites
from fleet_stress.store.layout import FILE_PREFIX

DEEP = b'{"cycles": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", "told", "9")


@pytest.fixture
def state(tmp_path):
    (tmp_path / "arena/state").mkdir(parents=True)
    return tmp_path / "arena/state"


def take(evidence, state, *, texts=(), name="a", extra=None):
    snapshots = Snapshots(evidence, {"state": state}, extra or {}, texts)
    snapshots.take(name)
    return snapshots


def taken(evidence, name="a"):
    return evidence.document["snapshots"][name]["files"]


def test_json_that_is_nested_too_deeply_is_no_valid_json_and_no_error():
    assert bot_files.json_verdict(DEEP) == "invalid"
    assert bot_files.fields(DEEP, ("cycles",)) == {}
    assert bot_files.word(DEEP, "cycles") is None


def test_one_word_of_a_file_is_kept_in_part():
    assert len(bot_files.word(b'{"source": "' + b"x" * 5_000_000 + b'"}', "source")) == bot_files.WORD_LIMIT


def test_a_copy_has_no_more_names_than_its_file_system_allows(evidence, state, monkeypatch):
    link = os.link

    def link_twice(known, copy):
        if known.stat().st_nlink > 2:
            raise OSError(errno.EMLINK, "Too many links")
        link(known, copy)

    monkeypatch.setattr(snapshot.os, "link", link_twice)
    for number in range(8):
        (state / f"{number}").write_text("same")
    take(evidence, state)

    assert [(evidence.folder / f"a/state/{number}").read_text() for number in range(8)] == ["same"] * 8


@pytest.mark.long
def test_more_equal_files_than_a_file_has_names_for(evidence, state, tmp_path):
    (state / "first").write_text("same")
    snapshots = take(evidence, state)
    kept = evidence.folder / "a/state/first"
    try:
        for number in range(65_001):
            os.link(kept, tmp_path / f"{number}")
    except OSError as problem:
        assert problem.errno == errno.EMLINK
    else:
        pytest.skip("this file system takes 65,001 names of one file")
    (state / "second").write_text("same")
    snapshots.take("b")

    assert (evidence.folder / "b/state/first").read_text() == "same"
    assert (evidence.folder / "b/state/second").read_text() == "same"


def test_a_bots_file_by_the_name_of_what_we_keep_beside_copies_does_not_stand_for_it(
    evidence, state, monkeypatch
):
    monkeypatch.setattr(snapshot, "KEEP_LIMIT", 16)
    (state / "errors.log").write_text("Traceback, and more than is kept whole")
    (state / "errors.log.tail").write_text("all is well")
    take(evidence, state, texts=["state/errors.log"])

    assert (evidence.folder / "a/state/errors.log.tail").read_text().endswith("is kept whole")
    assert not taken(evidence)["state/errors.log.tail"]["kept"]


def test_a_name_too_long_for_a_copy_is_listed_and_not_kept(evidence, state, monkeypatch):
    monkeypatch.setattr(evidence, "folder", evidence.folder / "/".join(["x" * 200] * 19))
    name = "y" * 250
    (state / name).write_text("{}")
    take(evidence, state)

    assert not taken(evidence)[f"state/{name}"]["kept"]


def test_files_without_number_are_listed_up_to_a_limit_and_the_scenario_proves_nothing(
    evidence, state, monkeypatch
):
    monkeypatch.setattr(snapshot, "MOST_FILES", 50)
    for number in range(200):
        (state / f"{number}").touch()
    (state / "z-ledger.json").write_text("{}")
    take(evidence, state, extra={"state/z-ledger.json": state / "z-ledger.json"})

    assert len(taken(evidence)) == 50
    assert taken(evidence)["state/z-ledger.json"]["kept"], "what the profile names is always looked at"
    assert "50 files and more" in evidence.document["limited"]


def test_of_files_that_no_profile_names_only_so_much_is_read_and_kept(evidence, state, monkeypatch):
    monkeypatch.setattr(snapshot, "READ_BUDGET", 3_000_000)
    monkeypatch.setattr(snapshot, "KEEP_BUDGET", 2_000_000)
    for number in range(6):
        (state / f"{number}").write_bytes(bytes([number]) * 900_000)
    (state / "ledger.json").write_bytes(b"x" * 900_000)
    take(evidence, state, extra={"state/ledger.json": state / "ledger.json"})

    seen = taken(evidence)
    assert seen.pop("state/ledger.json")["kept"]
    assert sum(file["sha256"] is not None for file in seen.values()) == 3
    assert sum(file["kept"] for file in seen.values()) == 2


@pytest.mark.root
def test_a_bots_file_by_a_name_of_ours_is_a_file_like_any_other(evidence, state):
    theirs = state / f"{FILE_PREFIX}state.json"
    theirs.write_text("{}")
    os.chown(theirs, pwd.getpwnam("nobody").pw_uid, -1)
    (state / f"{FILE_PREFIX}fill").write_text("ours")
    take(evidence, state)

    assert taken(evidence)[f"state/{theirs.name}"]["kept"]
    assert taken(evidence)[f"state/{FILE_PREFIX}fill"]["ours"]


def test_a_log_with_a_hole_of_terabytes_is_passed_over_at_one_look(state):
    log = state / "log"
    log.write_bytes(b"cycle\n")
    lines = NewLines(log, "cycle")
    with log.open("r+b") as stream:
        stream.truncate(1 << 40)
        stream.seek(1 << 40)
        stream.write(b"\ncycle\n")

    assert lines.more()[0] == 1
    lines.close()


def test_files_without_number_outside_are_told_up_to_a_limit(state):
    before = StrayWrites({"home": state}, [])
    for number in range(MOST_TOLD + 100):
        (state / f"{number}").touch()

    assert len(before.written()) == MOST_TOLD


def test_cycles_without_number_are_remembered_up_to_a_limit(evidence, state, monkeypatch):
    monkeypatch.setattr(watch, "MOST_CYCLES", 10)
    file = bot_files.Tracked("health", "state/health.json", state / "health.json", "json", (), None)
    looking = watch.Watch(evidence, [file], {"file": "health", "field": "cycles"})
    start = {"n": 1, "pid": os.getpid(), "cycles": []}
    looking.begin_start()
    for number in range(1, 31):
        file.path.write_text(f'{{"cycles": {number}}}'.ljust(20 + number))
        looking.poll(start)

    assert (len(start["cycles"]), start["cycles"][-1]["n"]) == (10, 30)
    assert "more than 10 cycles" in evidence.document["limited"]
