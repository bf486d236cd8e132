"""Evidence is a folder or an archive, and whoever reads it need not know which."""

import pytest
from fleet_controller.untrusted.packed_evidence import drop_folders, pack, unpack_all, unpacked, where

FILES = {"evidence.json": "{}", "start-01.out": "cycle 1\n" * 1_000, "snapshots/01-after/log/a.log": "é\n"}


@pytest.fixture
def host(tmp_path):
    """A host's folder in the results of a run, with evidence of two scenarios."""
    folder = tmp_path / "hosts/lab01"
    for scenario in ("sigterm", "sigint"):
        for name, text in FILES.items():
            path = folder / "evidence" / scenario / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def read(evidence):
    with unpacked(evidence) as folder:
        return {
            str(path.relative_to(folder)): path.read_text(encoding="utf-8")
            for path in folder.rglob("*")
            if path.is_file()
        }


def test_what_passed_is_packed_and_read_as_before(host, tmp_path):
    pack(host, {"sigterm"})
    drop_folders(host)

    assert sorted(path.name for path in (host / "evidence").iterdir()) == ["sigint", "sigterm.tar.gz"]
    packed = "hosts/lab01/evidence/sigterm.tar.gz"
    assert where(tmp_path, "hosts/lab01/evidence/sigterm") == packed
    assert where(tmp_path, "hosts/lab01/evidence/sigint") == "hosts/lab01/evidence/sigint"
    assert where(tmp_path, "hosts/lab01/evidence/sigfpe") is None
    assert read(tmp_path / packed) == read(host / "evidence/sigint") == FILES


def test_what_lies_in_folders_is_left_out_where_nobody_wants_it(host):
    pack(host, {"sigterm"})
    drop_folders(host)
    with unpacked(host / "evidence/sigterm.tar.gz", deep=False) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["evidence.json", "start-01.out"]


def test_it_is_repeatable_and_the_same_files_give_the_same_bytes(host):
    pack(host, {"sigterm", "sigint"})
    drop_folders(host)
    first, second = ((host / f"evidence/{name}.tar.gz").read_bytes() for name in ("sigterm", "sigint"))
    assert first == second
    pack(host, {"sigterm", "sigint"})
    drop_folders(host)
    assert (host / "evidence/sigterm.tar.gz").read_bytes() == first


def test_what_no_longer_passes_has_its_folder_again(host):
    pack(host, {"sigterm"})
    drop_folders(host)

    pack(host, set())

    assert sorted(path.name for path in (host / "evidence").iterdir()) == ["sigint", "sigterm"]
    assert read(host / "evidence/sigterm") == FILES


def test_all_of_it_is_unpacked_to_be_judged(host):
    pack(host, {"sigterm", "sigint"})
    drop_folders(host)
    unpack_all(host)
    assert (host / "evidence/sigterm/evidence.json").is_file() and (host / "evidence/sigint").is_dir()
    drop_folders(host)
    assert not (host / "evidence/sigterm").exists(), "its archive was still there"


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08\x00 cut"])
def test_an_archive_that_is_none_is_evidence_that_is_not_there(host, data):
    (host / "evidence/memory.tar.gz").write_bytes(data)
    assert read(host / "evidence/memory.tar.gz") == {}
