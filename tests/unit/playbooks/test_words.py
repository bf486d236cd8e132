"""Words that act come from the command line alone: an inventory with variables of the same names changes nothing."""

import json

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
from ansible.vars.manager import VariableManager
from fleet_controller.hosts.variables import OF_PLAYS, documented

from tests.foreign_words import FOREIGN
from tests.messages.catalogue import ROOT

KNOWN = documented()
WORDS = {name for name in KNOWN if not name.startswith("stress_")}
PLAYBOOKS = [ROOT / "stress.yml", *sorted((ROOT / "playbooks").glob("*.yml"))]


@pytest.fixture(autouse=True, scope="module")
def collections():
    """Ansible reads a playbook only where it could look for collections; other tests want none of that."""
    init_plugin_loader()
    yield
    _AnsibleCollectionFinder._remove()


class Inventory:
    """One host of somebody whose inventory says ``said``; a playbook of ours as Ansible reads it there."""

    def __init__(self, folder, said, extra=None):
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"h1": said}, "vars": said}}))
        self.loader = DataLoader()
        inventory = InventoryManager(self.loader, sources=[str(folder / "hosts.json")])
        self.manager = VariableManager(self.loader, inventory)
        self.manager._extra_vars = extra or {}
        self.host = inventory.get_host("h1")

    def plays(self, path):
        return Playbook.load(str(path), self.manager, self.loader).get_plays()

    def variables(self, play, task):
        return self.manager.get_vars(play=play, host=self.host, task=task)

    def worked_out(self, name, playbook="playbooks/halt.yml"):
        (play, *_) = self.plays(ROOT / playbook)
        known = self.variables(play, next(tasks(play)))
        return Templar(self.loader, variables=known).template(known[name])


def tasks(play):
    waiting = play.compile()
    while waiting:
        found = waiting.pop()
        if isinstance(found, Block):
            waiting += [*found.block, *found.rescue, *found.always]
        else:
            yield found


def test_the_foreign_inventory_has_every_word_of_ours():
    assert set(FOREIGN) == {*WORDS, *OF_PLAYS}
    assert [name for name in WORDS if FOREIGN[name] == KNOWN[name]["default"]] == []


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_no_task_of_a_playbook_sees_what_an_inventory_says_by_a_word_of_ours(path, tmp_path):
    foreign = Inventory(tmp_path, FOREIGN)

    for play in foreign.plays(path):
        assert "slice" not in foreign.manager.get_vars(play=play), "what `hosts:` sees"
        for task in tasks(play):
            known = foreign.variables(play, task)
            seen = {name: known.get(name) for name in WORDS if known.get(name) != KNOWN[name]["unset"]}
            assert seen == {}, f"{play.get_name()}: {task.get_name()}"


def test_an_inventory_says_the_same_by_names_that_nobody_else_has(tmp_path):
    said = {"stress_bot": "mine", "stress_bot_packages": ["numpy<2"], "stress_allow_commands": True}
    mine = Inventory(tmp_path, {**FOREIGN, **said})

    assert mine.worked_out("bot") == "mine"
    assert mine.worked_out("bot_packages") == ["numpy<2"]
    assert mine.worked_out("allow_commands") is True
    assert mine.worked_out("profile") == "smoke"


def test_the_command_line_has_the_last_word(tmp_path):
    extra = {"bot": "typed", "stress_profile": "soak", "release": "true", "on": "user:ada", "for": "10m"}
    mine = Inventory(tmp_path, {**FOREIGN, "stress_bot": "mine"}, extra)

    assert [mine.worked_out(name) for name in ("bot", "profile", "release")] == ["typed", "soak", "true"]
    assert [mine.worked_out(name, "playbooks/hold.yml") for name in ("on", "for")] == ["user:ada", "10m"]
