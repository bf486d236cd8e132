"""Each bot of the zoo gets the verdicts that it deserves: `expectations.yml`.

`make test` runs each through a few scenarios, and `make zoo` through the catalogue.
"""

import pytest

from tests.mutants.bench import told

from .zoo import load_all

ZOO = load_all()

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow]


def judged(bot, bench, scenarios):
    entries = bot.run(bench, scenarios)
    wrong = [name for name, entry in entries.items() if bot.wrong(bench.scenarios[name], entry["verdict"])]
    assert not wrong, f"{bot.name}: {wrong} {told(entries)}"


@pytest.mark.parametrize("bot", [pytest.param(bot, id=bot.name) for bot in ZOO if bot.test])
def test_its_decisive_rows(bot, bench):
    judged(bot, bench, bot.test)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bot", [pytest.param(bot, id=bot.name) for bot in ZOO])
def test_the_whole_catalogue(bot, bench):
    judged(bot, bench, "all")


def test_many_structures_are_tested_every_time():
    assert len({bot.structure for bot in ZOO if bot.test}) >= 15
