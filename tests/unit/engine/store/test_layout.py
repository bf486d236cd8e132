"""Deleting stops at the marker, and a document on disk is the old one or the new one."""

import json

import pytest

from fleet_stress.store import layout


def test_a_link_that_leads_out_is_removed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / layout.MARKER).write_text("{}")
    (ours / "link").symlink_to(outside)

    layout.remove_tree(ours / "link")

    assert not (ours / "link").is_symlink()
    assert (outside / "kept").exists()


def test_a_path_that_passes_through_a_link_to_elsewhere_is_not_ours(tmp_path):
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / layout.MARKER).write_text("{}")
    (ours / "link").symlink_to(tmp_path / "outside")

    with pytest.raises(layout.NotOurs):
        layout.remove_tree(ours / "link" / "deep")
    assert outside.is_dir()


def test_removing_what_is_gone_is_no_error(tmp_path):
    layout.remove_tree(tmp_path / "never")


def test_a_document_is_replaced_whole(tmp_path):
    path = tmp_path / "result.json"
    layout.write_atomic(path, {"verdict": "failed"})
    layout.write_atomic(path, {"verdict": "passed"})

    assert json.loads(path.read_text()) == {"verdict": "passed"}
    assert [one.name for one in tmp_path.iterdir()] == ["result.json"]


def test_runs_come_oldest_first_and_links_are_no_runs(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("b", "a"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "latest").symlink_to("a")

    assert {run.run_id for run in layout.run_folders(tmp_path)} == {"a", "b"}
    assert layout.run_folders(tmp_path)[0].stress_dir == tmp_path
