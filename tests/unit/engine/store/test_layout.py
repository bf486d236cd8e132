"""The runs that a host remembers."""

from fleet_stress.store.layout import run_folders


def test_runs_come_oldest_first_and_links_are_no_runs(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("b", "a"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "latest").symlink_to("a")

    assert {run.run_id for run in run_folders(tmp_path)} == {"a", "b"}
    assert run_folders(tmp_path)[0].stress_dir == tmp_path
