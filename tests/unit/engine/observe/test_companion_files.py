"""What a companion writes is its own, by what its command line names."""

import pytest

from fleet_stress.observe.companion_files import is_one, named

PLACES = {
    "tmp_dir": "/arena/tmp",
    "state_dir": "/arena/state",
    "python": "/usr/bin/python3",
    "listen": "127.0.0.1",
}
BOT = {
    "companions": [
        {
            "name": "exchange",
            "argv": ["${python}", "exchange.py", "--orders=${tmp_dir}/orders.json", "--host", "${listen}"],
            "environment": {"BOOK": "${state_dir}/book/today.csv", "WHERE": "${state_dir}"},
            "ready_file": "${tmp_dir}/port",
        }
    ]
}


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("/arena/tmp/orders.json", True),
        ("/arena/tmp/orders.json.new", True),
        ("/arena/tmp/.orders.json.x7f", True),
        ("/arena/tmp/port", True),
        ("/arena/state/book/today.csv", True),
        ("/arena/tmp/other.json", False),
        ("/arena/state/orders.json", False),
        ("/arena/state/ledger.json", False),
    ],
)
def test_files_that_it_is_given_and_what_becomes_one(path, theirs):
    assert is_one(path, named(BOT, PLACES)) is theirs


def test_a_bot_without_companions_has_none():
    assert named({}, PLACES) == frozenset()
