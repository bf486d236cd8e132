"""What pytest-testinfra is told of the hosts of a run."""

from fleet_controller.hosts.testinfra_run import inventory
from testinfra.utils.ansible_runner import get_ansible_config, get_ansible_host


def test_it_is_an_inventory_of_these_hosts_and_of_what_connects_to_them():
    variables = {
        "b": {"ansible_port": 2222, "ansible_user": None, "secret_of_the_bot": "x"},
        "a": {"ansible_connection": "local"},
    }
    assert inventory(variables) == {
        "_meta": {"hostvars": {"b": {"ansible_port": 2222}, "a": {"ansible_connection": "local"}}},
        "all": {"hosts": ["a", "b"]},
    }


def test_each_of_ansibles_spellings_reaches_testinfra():
    spelled = {
        "ansible_ssh_host": "192.0.2.1",
        "ansible_ssh_user": "ops",
        "ansible_password": "pass",
        "ansible_port": 22,
    }

    host = get_ansible_host(get_ansible_config(), inventory({"a": spelled}), "a")

    backend = host.backend
    assert (backend.host.name, backend.host.user, backend.host.password, backend.host.port) == (
        "192.0.2.1", "ops", "pass", "22"
    )  # fmt: skip
