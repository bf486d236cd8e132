"""The step ``look``: each takes a snapshot of its own while the bot runs."""

from unittest import mock

from fleet_stress.scenario.steps import Steps


def test_each_look_is_a_snapshot_of_its_own():
    arena = mock.MagicMock()
    steps = Steps(arena)
    arena.evidence.document = {"steps": []}
    arena.evidence.now.return_value = 1.0
    steps.run(
        [{"verb": "repeat", "args": {"times": 2, "steps": [{"verb": "look", "args": {"what": "files"}}]}}]
    )

    taken = [call.args[0] for call in arena.snapshots.take.call_args_list]
    assert taken == ["snapshots/look-0001", "snapshots/look-0002"]
    assert [entry["outcome"] for entry in arena.evidence.document["steps"]] == ["done", "done"]


def test_a_look_at_processes_is_no_snapshot():
    arena = mock.MagicMock()
    steps = Steps(arena)
    arena.evidence.document = {"steps": []}
    arena.evidence.now.return_value = 1.0
    steps.run([{"verb": "look", "args": {"what": "processes"}}])

    assert arena.processes.remember.call_count == 1
    assert not arena.snapshots.take.called
