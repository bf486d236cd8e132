"""Deleting stops at the marker."""

import pytest

from fleet_stress.store.deletion import NotOurs, remove_tree
from fleet_stress.store.layout import MARKER


def test_a_link_that_leads_out_is_removed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / MARKER).write_text("{}")
    (ours / "link").symlink_to(outside)

    remove_tree(ours / "link")

    assert not (ours / "link").is_symlink()
    assert (outside / "kept").exists()


def test_a_path_that_passes_through_a_link_to_elsewhere_is_not_ours(tmp_path):
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / MARKER).write_text("{}")
    (ours / "link").symlink_to(tmp_path / "outside")

    with pytest.raises(NotOurs):
        remove_tree(ours / "link" / "deep")
    assert outside.is_dir()


def test_removing_what_is_gone_is_no_error(tmp_path):
    remove_tree(tmp_path / "never")
