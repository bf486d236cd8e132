"""One archive a run: what did not pass comes first, long files as their two ends, within a limit."""

import json
import os
import stat
import tarfile

import pytest
from fleet_controller.runs.fetch import bring

from fleet_stress.run import archive as module
from fleet_stress.run.archive import archive, part


@pytest.fixture
def run(tmp_path):
    """A finished run: ``run(limit, baseline=("passed", {"a.txt": b"x"}))``."""

    def run(limit, **scenarios):
        folder = tmp_path / "stress/runs/r1"
        folder.mkdir(parents=True)
        (folder / "plan.json").write_text(json.dumps({"limits": {"evidence_bytes": limit}}))
        entries = [{"scenario": name, "verdict": verdict} for name, (verdict, _) in scenarios.items()]
        (folder / "result.json").write_text(json.dumps({"scenarios": entries}))
        (folder / "journal.jsonl").write_text("{}\n")
        for name, (_, contents) in scenarios.items():
            for path, data in contents.items():
                target = folder / "evidence" / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        return folder

    return run


def packed(path):
    with tarfile.open(path) as source:
        return {member.name: source.extractfile(member).read() for member in source.getmembers()}


DOCUMENTS = {"result.json", "plan.json", "journal.jsonl"}


def test_copies_of_what_passed_stay_where_only_the_others_were_asked_for(run):
    content = {"evidence.json": b"{}", "start-01.err": b"oops", "snapshots/01-after/state/x": b"x"}
    folder = run(1000, good=("passed", content), bad=("failed", content))
    limits = {"evidence_bytes": 1000, "evidence": "not_passed"}
    (folder / "plan.json").write_text(json.dumps({"limits": limits}))

    found = packed(archive(folder))

    assert {f"evidence/bad/{name}" for name in content} <= set(found)
    assert {name for name in found if "/good/" in name} == {
        "evidence/good/evidence.json",
        "evidence/good/start-01.err",
    }
    # So that judging again leaves its verdict alone (fleet_stress/judge/rejudge.py).
    assert found["left-out.txt"].decode().startswith("evidence/good/")


def test_all_evidence_comes_so_that_it_can_be_judged_again(run):
    content = {"evidence.json": b"{}", "start-01.err": b"oops", "snapshots/01-after/state/x": b"x"}
    folder = run(1000, good=("passed", content), bad=("failed", content), odd=("not_exercised", content))

    path = archive(folder)
    found = packed(path)

    assert path == folder / "archive.tar.gz"
    assert set(found) == DOCUMENTS | {
        f"evidence/{name}/{path}" for name in ("good", "bad", "odd") for path in content
    }
    assert found["evidence/bad/start-01.err"] == b"oops"
    assert found["result.json"] == (folder / "result.json").read_bytes()


def test_where_there_is_little_room_it_is_for_what_did_not_pass(run):
    content = {"a-copy": b"x" * 5, "evidence.json": b"{}"}
    folder = run(9, good=("passed", content), bad=("failed", content))

    found = packed(archive(folder))

    assert set(found) == DOCUMENTS | {
        "evidence/bad/a-copy",
        "evidence/bad/evidence.json",
        "evidence/good/evidence.json",
        "left-out.txt",
    }
    assert found["left-out.txt"] == b"evidence/good/a-copy\n"


def test_what_a_visit_came_to_is_before_all_copies(run):
    visited = {
        "a-copy/x": b"x" * 5,
        "evidence.json": b"{}",
        "points/007/evidence.json": b"{}",
        "points/007/a/x": b"x",
    }
    folder = run(9, visited=("failed", visited))

    assert set(packed(archive(folder))) - DOCUMENTS == {
        "evidence/visited/evidence.json",
        "evidence/visited/points/007/evidence.json",
        "evidence/visited/a-copy/x",
        "left-out.txt",
    }


def test_the_supervisors_log_comes_when_there_is_one(run):
    folder = run(1000)
    assert set(packed(archive(folder))) == DOCUMENTS

    (folder / "supervisor.log").write_text("it said")
    assert packed(archive(folder))["supervisor.log"] == b"it said"


def test_what_does_not_fit_is_named_and_what_still_fits_comes(run):
    folder = run(
        12,
        first=("failed", {"a": b"x" * 8, "b": b"x" * 5}),
        second=("failed", {"evidence.json": b"{}", "z": b"x" * 3}),
    )

    found = packed(archive(folder))

    assert set(found) == DOCUMENTS | {"evidence/first/a", "evidence/second/evidence.json", "left-out.txt"}
    assert found["left-out.txt"] == b"evidence/first/b\nevidence/second/z\n"


def test_what_just_fits_is_not_left_out(run):
    found = packed(archive(run(8, first=("failed", {"a": b"x" * 8}))))

    assert "evidence/first/a" in found
    assert "left-out.txt" not in found


def test_a_long_file_is_cut_down_to_its_two_ends_but_no_json_is(run, monkeypatch):
    monkeypatch.setattr(module, "END_BYTES", 4)
    content = {
        "out": b"HEAD" + b"." * 9 + b"TAIL",
        "just": b"12345678",
        "evidence.json": b"[" + b" " * 20 + b"]",
    }

    found = packed(archive(run(1000, bad=("failed", content))))

    assert found["evidence/bad/out"] == b"HEAD\n[... 9 bytes left out ...]\nTAIL"
    assert found["evidence/bad/just"] == content["just"]
    assert found["evidence/bad/evidence.json"] == content["evidence.json"]


def test_a_scenario_that_was_not_run_has_no_files(run):
    folder = run(1000)
    (folder / "result.json").write_text(json.dumps({"scenarios": [{"scenario": "x", "verdict": "skipped"}]}))

    assert set(packed(archive(folder))) == DOCUMENTS


def test_a_new_archive_takes_the_place_of_the_old_one_as_a_whole(run):
    folder = run(1000)
    (folder / "archive.tar.gz").write_text("half of an older one")

    assert set(packed(archive(folder))) == DOCUMENTS
    assert [path.name for path in folder.iterdir() if "archive" in path.name] == ["archive.tar.gz"]


def test_a_run_that_has_no_result_yet_is_not_packed(run):
    folder = run(1000)
    (folder / "result.json").unlink()

    with pytest.raises(FileNotFoundError):
        archive(folder)
    assert not (folder / "archive.tar.gz").exists()


def test_it_is_nobody_elses_business(run):
    assert stat.S_IMODE(archive(run(1000, good=("passed", {"a": b"x"}))).stat().st_mode) == 0o600


def test_names_that_no_controller_takes_stay_on_the_host_and_cost_nobody_the_result(run):
    """A bot chooses the names of its files; they come to lie in its evidence."""
    odd = ["a\x1b[2Jb", "a\nb", "a\\b", "a\u202eb", os.fsdecode(b"a\xff"), "/".join(["d" * 200] * 5)]
    folder = run(1000, good=("passed", {"evidence.json": b"{}", **dict.fromkeys(odd, b"x")}))

    found = packed(archive(folder))

    assert {name for name in found if name.startswith("evidence/")} == {"evidence/good/evidence.json"}
    listed = found["left-out.txt"].decode().splitlines()
    assert len(listed) == len(odd)
    assert r"evidence/good/a\x1b[2Jb" in listed
    assert all(line.isprintable() for line in listed)


def test_files_by_the_million_stay_on_the_host(run, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 3)
    monkeypatch.setattr(module, "MOST_LEFT_OUT", 2)
    folder = run(1000, good=("passed", {f"state/{number}": b"x" for number in range(9)}))

    found = packed(archive(folder))

    assert len([name for name in found if name.startswith("evidence/")]) == 3
    assert found["left-out.txt"].decode().splitlines()[-1] == "… and 4 more"


def test_what_is_packed_here_is_unpacked_there_in_parts(run, tmp_path):
    folder = run(10_000, good=("passed", {"evidence.json": b"{}", "a.txt": os.urandom(5000)}))

    target = bring(lambda at: part(folder, at, 700), tmp_path / "results", "h1", 700)

    assert (target / "evidence/good/a.txt").read_bytes() == (folder / "evidence/good/a.txt").read_bytes()
    assert (target / "result.json").read_bytes() == (folder / "result.json").read_bytes()
