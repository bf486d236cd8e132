"""What rules do to which operation, the k-th of them, and which rules cannot be."""

import errno

import pytest

from fleet_stress.faulty_fs.power_cut import durability
from fleet_stress.faulty_fs.shipped.rules import ERRNOS, LIKE, OPERATIONS, Rules, impossible


def asked(rule, *operations, size=0):
    """What each of these operations on ``state.json`` meets, in order."""
    rules = Rules([rule])
    return [rules.ask(name, ["state.json"], size, now=0.0) for name in operations]


def test_without_rules_all_passes():
    assert Rules([]).ask("write", ["state.json"], 5).rules == ()


@pytest.mark.parametrize(
    ("on", "meets"),
    [
        (["write"], {"write"}),
        (["sync"], {"fsync", "fdatasync"}),
        (["data", "rename"], {"read", "write", "fallocate", "rename"}),
        (["any"], set(OPERATIONS)),
    ],
)
def test_operations_are_meant_by_name_or_by_group(on, meets):
    rules = Rules([{"on": on, "errno": "EIO"}])
    assert {operation for operation in OPERATIONS if rules.ask(operation, ["a"]).errno} == meets


@pytest.mark.parametrize(
    ("paths", "meets"),
    [
        (["a.tmp"], True),
        (["a.tmp", "a"], True),
        (["a", "a.tmp"], True),
        (["deep/a.tmp"], True),
        (["a"], False),
    ],
)
def test_either_path_of_a_rename_is_compared(paths, meets):
    rules = Rules([{"on": ["rename"], "path": "*.tmp", "errno": "EIO"}])
    assert bool(rules.ask("rename", paths).errno) is meets


@pytest.mark.parametrize(
    ("times", "meets"),
    [
        ({}, [True, True, True, True]),
        ({"at": 2}, [False, True, False, False]),
        ({"from": 3}, [False, False, True, True]),
    ],
)
def test_each_time_once_or_from_the_kth_on(times, meets):
    met = asked({"on": ["write"], "errno": "ENOSPC", **times}, *["write"] * 4)
    assert [item.errno == errno.ENOSPC for item in met] == meets


def test_only_what_a_rule_is_about_is_counted():
    met = asked({"on": ["rename"], "kill": "before", "at": 2}, "rename", "write", "unlink", "rename")
    assert [item.kill for item in met] == [None, None, None, "before"]


def test_each_errno_is_one_of_this_system():
    assert [item for item in ERRNOS if not hasattr(errno, item)] == []


def test_a_delay_is_the_same_for_each():
    met = asked({"on": ["any"], "delay": 0.2}, "write", "rename")
    assert [item.until for item in met] == [((0, 0.2),), ((0, 0.2),)]


def test_a_drawn_delay_is_the_same_again_with_its_seed():
    def drawn(seed):
        rule = {"on": ["write"], "delay_between": [0.1, 0.3], "seed": seed}
        return [item.until[0][1] for item in asked(rule, *["write"] * 5)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert all(0.1 <= item <= 0.3 for item in drawn(1))


def test_all_share_the_bytes_of_a_second():
    met = asked({"on": ["data"], "bytes_per_second": 1000}, "write", "read", "write", size=500)
    assert [item.until[0][1] for item in met] == [0.5, 1.0, 1.5]


def test_nothing_takes_no_time_on_a_narrow_disk():
    [met] = asked({"on": ["data"], "bytes_per_second": 1000}, "read", size=0)
    assert (met.rules, met.until) == ((), ())


def test_a_write_is_cut_by_the_shortest():
    rules = Rules([{"on": ["write"], "short_write": 7}, {"on": ["write"], "short_write": 3}])
    assert rules.ask("write", ["a"], 100).most == 3


def test_a_killed_one_has_written_the_first_half():
    met = asked({"on": ["write"], "kill": "half", "at": 2}, *["write"] * 3, size=9)
    assert [(item.kill, item.most) for item in met] == [(None, None), ("half", 4), (None, None)]


def test_a_disk_that_becomes_full_takes_the_first_half_and_refuses_the_next():
    met = asked({"on": ["write"], "errno": "ENOSPC", "half": True, "at": 2}, *["write"] * 4, size=9)
    refused = errno.ENOSPC
    assert [(item.errno, item.most) for item in met] == [(0, None), (0, 4), (refused, None), (0, None)]


def test_one_byte_has_no_half():
    [met] = asked({"on": ["write"], "kill": "half", "at": 1}, "write", size=1)
    assert met.most == 1


def test_a_freeze_comes_with_the_kth():
    met = asked({"on": ["fsync"], "freeze": 5.0, "at": 2}, "fsync", "fsync", "fsync")
    assert [item.freeze for item in met] == [0.0, 5.0, 0.0]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "rule 1: a rule does exactly one of .* this one says: none"),
        ({"delay": 1, "errno": "EIO"}, "this one says: delay, errno"),
        ({"errno": "EIO", "at": 2, "from": 3}, "not both"),
        ({"kill": "after"}, "say at which operation"),
        ({"kill": "after", "from": 2}, "say at which operation"),
        ({"freeze": 1}, "say at which operation"),
        ({"bytes_per_second": 5, "at": 1}, "not for the k-th"),
        ({"delay_between": [2, 1]}, "between a smaller and a larger"),
        ({"on": ["rename"], "short_write": 5}, "is about `write`"),
        ({"on": ["metadata"], "bytes_per_second": 5}, "about data"),
        ({"on": ["rename"], "kill": "half", "at": 1}, "nothing else has a middle"),
        ({"on": ["rename"], "errno": "EIO", "half": True, "at": 1}, "`half` is about `write`"),
        ({"kill": "after", "half": True, "at": 1}, "with which `errno`"),
        ({"errno": "ENOSPC", "half": True}, "`half` does it once"),
        ({"delay": 1, "seed": 3}, "`seed` for `delay_between` alone"),
    ],
)
def test_what_cannot_be_is_said(rule, told):
    rules = [{"on": ["any"], **rule}]
    with pytest.raises(ValueError, match=told):
        Rules(rules)


@pytest.mark.parametrize(
    "rule",
    [
        {"delay": 1},
        {"delay_between": [1, 2], "seed": 4},
        {"errno": "EIO", "from": 2},
        {"kill": "before", "at": 1},
        {"freeze": 1, "at": 1},
        {"bytes_per_second": 5},
        {"short_write": 5, "at": 3},
        {"kill": "half", "at": 3},
        {"errno": "ENOSPC", "half": True, "at": 3},
        {"kill": "after", "forget": "half", "at": 3},
    ],
)
def test_what_can_be_passes(rule):
    assert impossible([{"on": ["any"], **rule}]) is None


def test_each_kind_of_file_system_that_forgets_is_known_by_what_it_promises():
    assert set(LIKE) == set(durability.LIKE)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"on": ["write"], "errno": "EIO", "forget": "data"}, "says `kill` as well"),
        ({"on": ["write"], "kill": "after", "at": 1, "like": "apfs"}, "it has no `forget`"),
    ],
)
def test_only_who_kills_can_forget(rule, told):
    assert told in impossible([rule])
