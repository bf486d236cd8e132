"""The runs that a host remembers, and where in them each arena is."""

from pathlib import Path

from fleet_stress.store.layout import RunFolder, run_folders

SCENARIOS = [path.stem for path in (Path(__file__).parents[4] / "scenarios").glob("*.yml")]


def test_runs_come_oldest_first_and_links_are_no_runs(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("b", "a"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "latest").symlink_to("a")

    assert {run.run_id for run in run_folders(tmp_path)} == {"a", "b"}
    assert run_folders(tmp_path)[0].stress_dir == tmp_path


def test_no_row_has_longer_paths_than_the_baseline_and_no_two_have_the_same(tmp_path):
    """A bot whose socket's name is just short enough is told of it by the baseline, and by no row after it."""
    run = RunFolder(tmp_path)
    visits = ["recording", "recording-2", "001", "022", "222", "999"]
    ids = [*SCENARIOS, *(f"{one}/points/{visit}" for one in SCENARIOS for visit in visits)]
    arenas = {run.arena(one) for one in ids}

    assert "baseline" in SCENARIOS
    assert run.arena("baseline") == tmp_path / "arenas/baseline"
    assert max(len(str(arena)) for arena in arenas) == len(str(run.arena("baseline")))
    assert len(arenas) == len(ids)
    assert run.arena("own/points/007").parent == run.visits("own") != run.arena("own")


def test_an_arena_of_an_earlier_version_is_found(tmp_path):
    (tmp_path / "arenas/kill_in_write").mkdir(parents=True)
    assert RunFolder(tmp_path).arena("kill_in_write") == tmp_path / "arenas/kill_in_write"
