"""Which hosts a command means, the same on every controller; and which of them it may touch."""

import pytest
from fleet_controller.hosts.targets import held_back, refusal, targets
from fleet_controller.messages.errors import UserError

from tests.messages.codes import says

GROUPS = {
    "all": ["h3", "h1", "h2", "h10", "mac1"],
    "linux": ["h10", "h3", "h2", "h1"],
    "macos": ["mac1"],
    "prod": ["h3"],
}


@pytest.mark.parametrize(
    ("limit", "names"),
    [
        ("all", ["h1", "h10", "h2", "h3", "mac1"]),
        ("", ["h1", "h10", "h2", "h3", "mac1"]),
        ("linux", ["h1", "h10", "h2", "h3"]),
        ("linux:!prod", ["h1", "h10", "h2"]),
        ("linux:&prod", ["h3"]),
        ("h1,mac1", ["h1", "mac1"]),
        ("h1*", ["h1", "h10"]),
        ("~h[23]$", ["h2", "h3"]),
    ],
)
def test_a_limit_is_what_ansible_makes_of_it(limit, names):
    assert targets(GROUPS, limit) == names


def test_a_limit_may_be_a_file(tmp_path):
    (tmp_path / "retry").write_text("h2\nmac1\n\n")
    assert targets(GROUPS, f"@{tmp_path}/retry") == ["h2", "mac1"]
    with pytest.raises(UserError, match="cannot be read"):
        targets(GROUPS, f"@{tmp_path}/none")


def test_slices_are_disjoint_and_together_everything_whatever_the_order_of_the_inventory():
    shuffled = {name: list(reversed(hosts)) for name, hosts in GROUPS.items()}
    parts = [targets(shuffled, "linux", f"{nth}/3") for nth in (1, 2, 3)]
    assert parts == [["h1", "h3"], ["h10"], ["h2"]]
    assert sorted(name for part in parts for name in part) == targets(GROUPS, "linux")


@pytest.mark.parametrize("part", ["0/2", "3/2", "2", "1/0", "a/b", "-1/2", "1/2/3", "", "1.5/2"])
def test_what_is_no_slice_is_refused(part):
    with pytest.raises(UserError, match=says("no_slice")):
        targets(GROUPS, "all", part)


def test_no_host_at_all_is_an_error():
    with pytest.raises(UserError, match=r"no host is meant\n   where: the inventory"):
        targets({"all": []})
    with pytest.raises(UserError, match=r"--limit macos:&prod\n   why:   it has h1, h10, h2"):
        targets(GROUPS, "macos:&prod")
    with pytest.raises(UserError, match="1 host cannot fill 3 slices"):
        targets(GROUPS, "macos", "2/3")


# ---- which may be touched ----


def test_a_host_that_does_not_say_that_it_may_be_stressed_is_refused():
    assert "does not say `stress_allowed: true`" in refusal("h1", allowed=False)
    assert refusal("h1", allowed=True, groups=["linux"], production_groups=["prod"]) == ""


def test_production_is_refused_even_where_stress_is_allowed_and_is_told_what_to_type():
    told = refusal("h3", allowed=True, groups=["linux", "prod"], production_groups=["production", "prod"])
    assert "is in the group prod" in told
    assert "-e production=yes-h3, or for all of its group: -e production=yes-prod." in told
    told = refusal("h1", allowed=True, production=True)
    assert "has the variable `stress_production: true`" in told
    assert "type -e production=yes-h1. Otherwise" in told


@pytest.mark.parametrize("said", ["yes-h3", "yes-prod", "yes-h1,yes-h3", "yes-h1, yes-prod"])
def test_who_names_the_host_or_its_group_is_let_through(said):
    assert refusal("h3", allowed=True, groups=["prod"], production_groups=["prod"], given=said) == ""


@pytest.mark.parametrize(
    "said", ["yes", "true", "h3", "prod", "yes-h", "yes-h33", "yes-linux", "yes-", "YES-h3"]
)
def test_anything_else_is_no_yes(said):
    groups = ["linux", "prod"]
    assert refusal("h3", allowed=True, groups=groups, production_groups=["prod"], given=said)


def test_a_yes_does_not_replace_what_the_inventory_must_say():
    assert refusal("h3", allowed=False, groups=["prod"], production_groups=["prod"], given="yes-h3")


# ---- when others are in trouble ----


@pytest.mark.parametrize(
    ("hosts", "troubled", "percentage", "held"),
    [
        (10, ["a", "b"], 20, False),
        (10, ["a", "b", "c"], 20, True),
        (10, [], 0, False),
        (10, ["a"], 0, True),
        (3, ["a", "b", "c"], 100, False),
        (0, [], 0, False),
    ],
)
def test_more_than_the_percentage_holds_the_rest_back(hosts, troubled, percentage, held):
    told = held_back("h9", hosts, troubled, percentage)
    assert bool(told) is held
    assert not held or f"{len(troubled)} of {hosts} hosts have a problem already" in told


@pytest.mark.parametrize("names", [["Web1", "web1"], ["m\u00fcnchen", "mu\u0308nchen"], ["h1", "H1", "x"]])
def test_hosts_whose_results_would_be_one_on_a_mac_are_refused(names):
    with pytest.raises(UserError, match=says("hosts_alike")):
        targets({"all": names})
    assert targets({"all": names}, names[0]) == [names[0]]
