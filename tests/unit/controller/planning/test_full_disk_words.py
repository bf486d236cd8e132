"""Sizes and waits for a full disk: what makes no sense is refused before a host is touched."""

import pytest
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command


@pytest.fixture
def compiled(catalogue):
    def run(steps):
        catalogue.steps(steps)
        compiled = compile_command(
            "tiny", "smoke", "all", project=catalogue.project, vocabulary=Vocabulary.of_engine()
        )
        return next(scenario for scenario in compiled.scenarios if scenario["id"] == "restart")

    return run


@pytest.fixture
def refused(compiled):
    def run(steps):
        with pytest.raises(UserError) as caught:
            compiled(steps)
        return str(caught.value)

    return run


@pytest.mark.parametrize("size", ["1M", "1 MB", "-1MB", "0MB", "99999MB", "'1'", "plenty"])
def test_a_volume_of_no_sensible_size(refused, size):
    told = refused(f"- fault: {{ram_volume: {{folder: state, size: {size}}}}}")
    assert "does not belong here" in told
    assert "steps.1.fault.ram_volume.size" in told
    assert "a size: 512B, 64KB or 20MB, more than nothing" in told


def test_a_folder_that_there_is_not(refused):
    assert "unknown word `stat`" in refused("- fault: {ram_volume: {folder: stat, size: 1MB}}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("{folder: log}", "the kind is missing"),
        ("{folder: log, size: 1MB, until_free: 0B}", "cannot stand together"),
        ("{folder: log, size: 1MB, share: 0.9}", "at most 0.5"),
        ("{folder: log, size: 1MB, count: 0}", "at least 1"),
        ("{size: 1MB}", "`folder` is missing"),
        ("{folder: log, until_free: none}", "or 0B"),
    ],
)
def test_a_fill_that_makes_no_sense(refused, arguments, told):
    assert told in refused(f"- fault: {{fill: {arguments}}}")


def test_a_size_that_a_parameter_brings_is_looked_at_as_well(catalogue, refused):
    told = refused('- fault: {ram_volume: {folder: state, size: "{{ x }}"}}')  # x is 1
    assert "the value 1 does not belong here" in told


def test_waiting_for_a_fault_to_be_met(compiled):
    steps = compiled(
        """
        - start: {max_cycles: 9999, scan_interval: 2s}
        - wait: {until: first_cycle}
        - fault: {fill: {folder: state, until_free: 0B}}
        - wait: {until: {met: 5}, then: 1s}
        - signal: TERM
        - expect: [exit_code: terminated]
        """
    )["steps"]
    assert steps[3]["args"]["until"] == "met"
    assert (steps[3]["args"]["cycles"], steps[3]["args"]["then"]) == (5, 1.0)
    assert steps[3]["args"]["within"] >= 5 * (2 + 10)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("- start: {max_cycles: 9}\n- wait: {until: {met: 1}}", "waits for the bot to meet a fault"),
        (
            "- fault: {fill: {folder: log, size: 1KB}}\n- wait: {until: {met: 1}}",
            "waits for a bot that does not run to meet a fault",
        ),
        (
            "- start: {max_cycles: 9}\n- fault: {fill: {folder: log, size: 1KB}}\n- lift: fill\n"
            "- wait: {until: {met: 1}}",
            "none stands here",
        ),
    ],
)
def test_waiting_for_what_cannot_be_met(refused, steps, told):
    assert told in refused(steps)
