"""Who shares what of the network: by the profile, by the host, and by what the baseline has shown."""

import pytest

from fleet_stress import system
from fleet_stress.scenario.neighbours import HOST, OWN, PRIVATE, Neighbours, after_baseline, before_baseline

BOT = {"hosts": [], "companions": []}
STUB = [{"name": "exchange"}]


@pytest.fixture(autouse=True)
def linux_with_root(monkeypatch):
    monkeypatch.setattr(system, "no_own_network", lambda: None)
    monkeypatch.setattr(system, "FILTERS_BY_USER", False)


def scenario(*steps, network=None):
    return {"network": network, "steps": list(steps)}


def baseline(*taken, cycles=1, looked_elsewhere=None):
    starts = [{"cycles": [{"n": 1}] * cycles, "taken": list(each)} for each in taken]
    return {"starts": starts, "network": {"kind": OWN, "looked_elsewhere": looked_elsewhere or {}}}


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({}, OWN),
        ({"hosts": ["api.example.org"], "companions": STUB}, OWN),
        ({"hosts": ["api.example.org"]}, HOST),
        ({"hosts": ["api.example.org"], "network": "own"}, OWN),
        ({"companions": STUB, "network": "host"}, HOST),
    ],
)
def test_a_bot_is_where_it_reaches_what_its_profile_says(profile, expected):
    assert before_baseline({**BOT, **profile}).network == expected


def test_where_a_host_has_no_networks_to_give_all_share_its_own(monkeypatch):
    monkeypatch.setattr(system, "no_own_network", lambda: "this needs root")

    shared = before_baseline({**BOT, "network": "own"})

    assert shared.network == HOST
    assert "this needs root" in shared.why


def test_a_bot_that_looked_for_something_outside_gets_the_hosts_network():
    evidence = baseline([], [], looked_elsewhere={"IpOutNoRoutes": 3})
    own = Neighbours(OWN, "", [])

    assert after_baseline(own, BOT, evidence).network == HOST
    assert "IpOutNoRoutes 3" in after_baseline(own, BOT, evidence).why
    assert after_baseline(own, {**BOT, "network": "own"}, evidence).network == OWN
    assert after_baseline(own, BOT, baseline([], [])).network == OWN


@pytest.mark.parametrize(
    ("taken", "same"),
    [
        ((["tcp port 8080", "tcp port 40001"], ["tcp port 8080", "tcp port 40002"]), ["tcp port 8080"]),
        ((["abstract socket lock"], ["abstract socket lock"]), ["abstract socket lock"]),
        ((["tcp port 40001"], ["tcp port 40002"]), []),
        ((["tcp port 8080"],), []),  # one start tells nothing of a second
    ],
)
def test_what_two_starts_took_is_fixed(taken, same):
    assert after_baseline(Neighbours(HOST, "no root", []), BOT, baseline(*taken)).taken == same


def test_two_bots_meet_only_in_the_hosts_network_and_at_something_fixed():
    fixed = Neighbours(HOST, "no root", ["tcp port 8080"])

    assert fixed.would_meet(BOT, scenario())
    assert Neighbours(HOST, "no root", []).would_meet({**BOT, "fixed_port": True}, scenario())
    assert not Neighbours(HOST, "no root", []).would_meet(BOT, scenario())
    assert not Neighbours(OWN, "", ["tcp port 8080"]).would_meet({**BOT, "fixed_port": True}, scenario())
    assert not fixed.would_meet(BOT, scenario(network="private"))


def test_a_scenario_about_the_hosts_own_network_is_in_it():
    own = Neighbours(OWN, "", ["tcp port 8080"])
    block = {"verb": "fault", "args": {"fault": "network_block", "args": {"how": "drop"}}}
    cable = {"verb": "wait", "args": {"until": "link_down"}}

    assert own.of(scenario()) == OWN
    assert own.of(scenario(block)) == own.of(scenario(cable)) == HOST
    assert own.of(scenario(block, network="private")) == PRIVATE
    assert own.would_meet(BOT, scenario(cable))


def test_evidence_of_before_tells_nothing_of_a_network():
    old = {"starts": [{"cycles": [{"n": 1}]}, {"cycles": [{"n": 1}]}]}
    assert after_baseline(Neighbours(OWN, "", []), BOT, old) == Neighbours(OWN, "", [])
