"""A bot that prints, writes or nests without end: within bounds, and never an error of ours."""

import textwrap

from fleet_stress.run.handover import hand_over
from fleet_stress.store.layout import FILE_PREFIX
from tests.engine.conftest import BASELINE, evidence, result


def test_a_bot_whose_output_seems_to_have_a_gigabyte_is_ended_and_nothing_is_said_of_it(make_plan):
    """4 KB on disk, and once two gigabytes of the supervisor's memory."""
    bot = "os.write(1, b'Traceback (most recent call last)'); os.ftruncate(1, 1 << 30); stop.wait()"
    run_dir = hand_over(make_plan([BASELINE], before=bot))["run_dir"]

    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "not_exercised"
    assert entry["reasons"] == [
        "the bot was ended because its output start-01.out reached 1024.0 MB; the limit of fleet-stress is 256.0 MB"
    ]


def test_hostile_files_of_a_bot_cost_the_run_no_error(make_plan):
    """Deep JSON in the file with its cycles, our own names, a name of a copy's neighbour, a name without end."""
    bot = textwrap.dedent(
        f"""
        deep = "[" * 100_000 + "]" * 100_000
        for name in ("probe", "trial", "fill-0001.bin"):
            os.mkdir(f"{{state}}/{FILE_PREFIX}{{name}}")
        open(f"{{state}}/.fleet-stress", "w").close()
        open(f"{{state}}/status.json.tail", "w").close()
        open(f"{{state}}/health.json", "w").write(deep)
        stop.wait(0.2)
        """
    )
    run_dir = hand_over(make_plan([BASELINE], before=bot))["run_dir"]

    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "passed", entry["reasons"]
    looks = [
        look["json"]
        for look in evidence(run_dir, "baseline")["observations"]
        if look["file"] == "state/health.json"
    ]
    assert looks[0] == "invalid"
    assert looks[-1] == "valid"
