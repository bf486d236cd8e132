"""`-i` and `-l` that mean no host are refused in our own words, before ansible-playbook begins."""

import pytest
from fleet_controller.command.meant_hosts import refuse_missing, refuse_nobody
from fleet_controller.messages.errors import UserError


def test_a_limit_that_leaves_nobody_is_refused_with_the_hosts_that_there_are(tmp_path):
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {children: {linux: {hosts: {web1: {}, web2: {}}}}}\n", encoding="utf-8")

    with pytest.raises(UserError, match="it has web1, web2"):
        refuse_nobody([str(inventory)], "wbe1")
    refuse_nobody([str(inventory)], "linux")


def test_a_list_of_hosts_is_no_path(tmp_path):
    refuse_missing("web1,web2")
    refuse_missing(str(tmp_path))
    with pytest.raises(UserError, match="there is no inventory"):
        refuse_missing(str(tmp_path / "hosts.yml"))
