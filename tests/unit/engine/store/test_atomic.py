"""A document on disk is the old one or the new one."""

import json

from fleet_stress.store.atomic import write_atomic


def test_a_document_is_replaced_whole(tmp_path):
    path = tmp_path / "result.json"
    write_atomic(path, {"verdict": "failed"})
    write_atomic(path, {"verdict": "passed"})

    assert json.loads(path.read_text()) == {"verdict": "passed"}
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
