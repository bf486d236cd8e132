"""Limits that a plot draws where no trend was told: of faults, of the arena, of checks."""

import pytest
from fleet_controller.report.page.limits import limits
from fleet_controller.report.page.seen import seen
from fleet_controller.report.page.settings import settings


def fault(name, **proof):
    return {"fault": name, "stands_from": 2.0, "lifted_at": 5.0, "bit": True, "proof": proof}


def start(n, **more):
    return {"n": n, "at": float(n), "exit": {"at": n + 3.0, "code": 0}, **more}


@pytest.mark.parametrize(
    ("found", "quantity", "value"),
    [
        (fault("memory_limit", limit_bytes=50_000_000), "rss", 50_000_000),
        (fault("fd_limit", processes={"7": {"limit": 12}}), "handles", 12),
    ],
)
def test_a_fault_that_limits_has_its_limit_while_it_stood(found, quantity, value):
    [limit] = limits(seen({"faults": [found]}), [])
    about = {"quantity": quantity, "name": found["fault"], "value": value}
    assert limit == {**about, "since": 2.0, "until": 5.0}


@pytest.mark.parametrize(
    "found",
    [
        fault("memory_limit"),
        fault("memory_limit", limit_bytes="50MB"),
        fault("fd_limit", processes={"7": {"limit": 12}, "8": {"limit": 12}}),
        fault("fd_limit", processes=[12]),
        fault("fill", limit_bytes=5),
    ],
)
def test_what_limits_nothing_that_is_sampled_has_none(found):
    assert limits(seen({"faults": [found]}), []) == []


def test_the_arenas_limit_is_one_of_processes_and_threads():
    found = limits(seen({"processes": {"limit": 512, "by": "pids.max"}}), [])
    assert [(item["quantity"], item["value"]) for item in found] == [("threads", 512), ("processes", 512)]
    assert limits(seen({"processes": {"limit": None}}), []) == []


def test_logs_may_grow_so_far_in_each_start():
    samples = [{"start": n, "at": float(n), "log_bytes": n * 100} for n in (1, 2)]
    check = {"check": "bounded_size", "arguments": {"growth": "1MB"}}
    found = limits(seen({"starts": [start(1), start(2)], "samples": samples}), [check])
    assert [(item["value"], item["since"], item["until"]) for item in found] == [
        (2**20 + 100, 1.0, 4.0),
        (2**20 + 200, 2.0, 5.0),
    ]
    assert (
        limits(seen({"starts": [start(1)], "samples": samples}), [{**check, "arguments": {"growth": []}}])
        == []
    )


def test_settings_are_told_once_for_all_starts_alike():
    slow, fast = {"max_cycles": 5, "scan_interval": 3}, {"max_cycles": 5, "scan_interval": 0.3}
    starts = [
        start(1, settings=slow),
        start(2, settings=fast),
        start(3, settings=slow),
        start(4, settings="no"),
    ]
    assert settings(seen({"starts": starts}).starts) == [
        {"starts": [1, 3], "pairs": (("max_cycles", "5"), ("scan_interval", "3"))},
        {"starts": [2], "pairs": (("max_cycles", "5"), ("scan_interval", "0.3"))},
    ]
