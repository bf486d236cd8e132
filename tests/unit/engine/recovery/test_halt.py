"""A halted host says who, since when and why, and stays halted whatever has become of the file."""

from fleet_stress.recovery import halt


def test_it_stands_until_released_and_says_why(tmp_path):
    assert halt.sentence(tmp_path) is None
    assert halt.halt(tmp_path, "incident 4711", "ops")
    assert not halt.halt(tmp_path, "incident 4711", "ops")
    told = halt.sentence(tmp_path)
    assert "by ops: incident 4711" in told
    assert "-e release=true" in told
    assert halt.release(tmp_path)
    assert not halt.release(tmp_path)
    assert halt.halted(tmp_path) is None


def test_another_reason_takes_its_place(tmp_path):
    halt.halt(tmp_path, "incident 4711", "ops")
    assert halt.halt(tmp_path, "incident 4712", "ops")
    assert halt.halted(tmp_path)["reason"] == "incident 4712"


def test_a_damaged_one_halts_as_well(tmp_path):
    (tmp_path / halt.NAME).write_text("{")
    assert "damaged" in halt.sentence(tmp_path)
