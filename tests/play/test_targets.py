"""Which hosts a command takes, and which it leaves alone; nothing of this needs a run."""

import json

import pytest

from fleet_stress.store.layout import MARKER

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]


@pytest.fixture
def forbidding(play):
    """Hosts that are refused at once: what is asked here is which are, and in what words."""
    play.hosts = {}
    for name in ("a", "b", "c", "d", "e"):
        play.host(name, stress_allowed=False)
    return play


def problems(play):
    return {name: host["problem"] for name, host in play.document["hosts"].items()}


def test_a_slice_is_every_nth_of_what_the_limit_leaves(forbidding):
    code, said = forbidding.run("-l", "all:!b", slice="2/3", scenarios="baseline")

    assert code != 0, said
    assert sorted(problems(forbidding)) == ["c"]
    assert json.loads((forbidding.results / "latest/run.json").read_text())["hosts"] == ["c"]


@pytest.mark.parametrize(
    ("variables", "told"),
    [({"slice": "6/6"}, "5 hosts cannot fill 6 slices"), ({"slice": "7/6"}, "`7/6` is no slice")],
)
def test_an_empty_target_is_an_error(forbidding, variables, told):
    code, said = forbidding.run(**variables)

    assert code != 0
    assert told in said
    assert not forbidding.results.exists()


def test_an_inventory_without_hosts_is_an_error(play):
    (play.folder / "inventory.json").write_text(json.dumps({"linux": {"hosts": {}}}))

    code, said = play.run()

    assert code != 0
    assert "no host is meant" in said
    assert not play.results.exists()


def test_batches_go_one_after_the_other_and_stop_when_too_many_have_a_problem(forbidding):
    code, said = forbidding.run(stress_serial=1, stress_max_fail_percentage=40, scenarios="baseline")

    assert code != 0, said
    found = problems(forbidding)
    assert [name for name in found if "is not to be stressed" in found[name]] == ["a", "b", "c", "d", "e"], (
        "what may not be stressed at all says so first"
    )
    for name in ("d", "e"):
        forbidding.host(name, stress_dir="/etc/fleet-stress")
    forbidding.run(stress_serial=1, stress_max_fail_percentage=40, scenarios="baseline")
    found = problems(forbidding)
    assert [name for name in found if "is not to be stressed" in found[name]] == ["a", "b", "c"]
    for name in ("d", "e"):
        assert f"{name} was left alone: " in found[name]
        assert "of 5 hosts have a problem already (a, b, c)" in found[name]


def test_a_batch_may_be_given_by_the_inventory(forbidding):
    document = {"linux": {"hosts": forbidding.hosts, "vars": {"stress_serial": 2}}}
    (forbidding.folder / "inventory.json").write_text(json.dumps(document))

    _, said = forbidding.run("-v", scenarios="baseline")

    assert said.count("PLAY [Provision and run on each host]") == 3


def test_production_is_refused_until_it_is_named(play):
    play.host("trading")
    document = {"linux": {"hosts": play.hosts}, "prod": {"hosts": {"trading": {}}}}
    (play.folder / "inventory.json").write_text(json.dumps(document))
    code, said = play.run("--tags", "provision", scenarios="baseline", production="yes-here")

    assert "trading is production, and was not touched: it is in the group prod" in said
    assert "-e production=yes-trading, or for all of its group: -e production=yes-prod" in said
    assert not (play.places / "trading").exists()

    code, said = play.run("--tags", "provision", "-l", "trading", scenarios="baseline", production="yes-prod")

    assert code == 0, said
    assert (play.places / "trading" / MARKER).exists()
    code, said = play.run("--tags", "cleanup", "-l", "trading", purge=True)
    assert code == 0, said
