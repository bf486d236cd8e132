"""What playbooks/hold.yml is asked to hold: whole and clear, or refused before a host is touched."""

import pytest
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.hold_request import Hold, hold
from fleet_controller.messages.errors import UserError

BLOCK = {"fault": "network_block", "for": "10m", "against": "192.0.2.9"}
VOLUME = {"fault": "ram_volume", "for": "1h", "on": "/srv/cache", "size": "20MB"}


def test_a_block_meets_the_bots_user_and_all_hosts_of_the_profile_where_nothing_else_is_said():
    found = hold({"fault": "network_block", "for": "90s", "bot": "market_strategy_bot"}, Project())
    arguments = {"hosts": load_bot(Project(), "market_strategy_bot").value["hosts"], "how": "drop"}
    assert found == Hold("network_block", arguments, "network_block", 90.0, bots_user=True)


@pytest.mark.parametrize(
    ("said", "key", "value"),
    [
        ("user:bot", "user", "bot"),
        ("cgroup:/system.slice/bot.service", "cgroup", "/system.slice/bot.service"),
    ],
)
def test_a_block_meets_whom_one_names(said, key, value):
    found = hold({**BLOCK, "on": said, "how": "reject", "against": "192.0.2.9, 2001:db8::9"}, Project())
    assert found.arguments == {"hosts": ["192.0.2.9", "2001:db8::9"], "how": "reject", key: value}
    assert not found.bots_user


def test_a_volume_is_known_by_its_folder():
    arguments = {"path": "/srv/cache", "size": "20MB", "owner": "bot"}
    assert hold({**VOLUME, "owner": "bot"}, Project()) == Hold(
        "ram_volume", arguments, "ram_volume:/srv/cache", 3600.0
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "no fault was named"),
        ({**BLOCK, "fault": "network_blok"}, "did you mean `network_block`"),
        ({**BLOCK, "fault": "broken_module"}, "these can be held: network_block, ram_volume"),
        ({**BLOCK, "for": ""}, "held without an end is an outage"),
        ({**BLOCK, "against": "", "bot": "reference"}, "exists in an arena and nowhere else"),
        ({**BLOCK, "for": "10"}, "write -e for=10m"),
        ({**BLOCK, "for": "0s"}, "24 hours are the most"),
        ({**BLOCK, "for": "25h"}, "24 hours are the most"),
        ({**BLOCK, "on": "everybody"}, "invalid target `everybody`"),
        ({**BLOCK, "on": "user:"}, "invalid target `user:`"),
        ({**BLOCK, "on": "user:root"}, "root is never blocked"),
        ({**BLOCK, "on": "user:0"}, "root is never blocked"),
        ({**BLOCK, "how": "dropp"}, "did you mean `drop`"),
        ({**VOLUME, "on": "srv/cache"}, "no folder on a host"),
        ({**VOLUME, "size": ""}, "without one the volume has no end"),
        ({**VOLUME, "size": "0MB"}, "`0MB` is no size"),
        ({**VOLUME, "size": "20 MiB"}, "`20 MiB` is no size"),
    ],
)
def test_what_is_missing_or_makes_no_sense_is_refused_with_what_to_do(asked, told):
    with pytest.raises(UserError) as refused:
        hold(asked, Project())
    assert told in str(refused.value)
    assert "   do: " in str(refused.value)
