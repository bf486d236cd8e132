"""What `ansible-doc` shows of modules, filters and roles is there, and is what they take."""

import inspect
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
#: What an action plugin does alone is documented by a file without code, as `ansible.builtin.debug` is.
DOCUMENTATION_ONLY = [
    name for name in MODULES if "def main" not in (ROOT / f"library/{name}.py").read_text(encoding="utf-8")
]
#: Their action plugins take the arguments, and the module on the host takes what they hand on.
WITH_ACTION = [
    name
    for name in MODULES
    if name not in DOCUMENTATION_ONLY and (ROOT / f"plugins/action/{name}.py").exists()
]
WITHOUT_ACTION = [name for name in MODULES if name not in (*DOCUMENTATION_ONLY, *WITH_ACTION)]


FILTERS = {
    name: function
    for path in sorted((ROOT / "plugins/filter").glob("*.py"))
    for name, function in runpy.run_path(str(path))["FilterModule"]().filters().items()
}
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def ansible_doc(*arguments):
    """What it shows, as JSON."""
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--json", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def documents():
    return ansible_doc("-t", "module", *MODULES)


@pytest.fixture(scope="module")
def filters():
    return ansible_doc("-t", "filter", *FILTERS)


@pytest.fixture(scope="module")
def roles():
    return ansible_doc("-t", "role", "-r", "roles", *ROLES)


@pytest.fixture
def taken(library, monkeypatch):
    """What a module tells AnsibleModule that it takes."""

    class Told(Exception):
        pass

    def tell(name):
        def stop(**words):
            raise Told(words)

        module = library(name)
        monkeypatch.setattr(module, "AnsibleModule", stop)
        with pytest.raises(Told) as told:
            module.main()
        return told.value.args[0]

    return tell


@pytest.mark.parametrize("name", MODULES)
def test_it_is_documented(documents, name):
    shown = documents[name]

    assert shown["doc"]["short_description"]
    assert shown["return"]
    for task in yaml.safe_load(shown["examples"]):
        assert task["name"]
        assert set(task[name] or ()) <= set(shown["doc"]["options"])
    for option in shown["doc"]["options"].values():
        assert option["description"]


@pytest.mark.parametrize("name", WITHOUT_ACTION)
def test_what_is_documented_is_what_it_takes(documents, taken, name):
    options = documents[name]["doc"]["options"]
    shown = {option: essence(words) for option, words in options.items()}
    assert shown == {option: essence(words) for option, words in taken(name)["argument_spec"].items()}


@pytest.mark.parametrize("name", WITH_ACTION)
def test_what_the_action_plugin_hands_on_is_documented(documents, taken, name):
    assert set(taken(name)["argument_spec"]) <= set(documents[name]["doc"]["options"])


@pytest.mark.parametrize("name", [*WITHOUT_ACTION, *WITH_ACTION])
def test_check_mode_is_there_where_it_is_promised(documents, taken, name):
    promised = documents[name]["doc"]["attributes"]["check_mode"]["support"] == "full"
    assert taken(name)["supports_check_mode"] is promised


@pytest.mark.parametrize("name", DOCUMENTATION_ONLY)
def test_what_is_documentation_only_has_an_action_plugin(documents, name):
    assert (ROOT / f"plugins/action/{name}.py").exists()
    assert documents[name]["doc"]["attributes"]["check_mode"]["support"]


def test_every_action_plugin_has_its_document_beside_the_modules():
    assert {path.stem for path in (ROOT / "plugins/action").glob("*.py")} <= set(MODULES)


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_is_documented_as_it_is(filters, name):
    shown = filters[name]
    first, *others = inspect.signature(FILTERS[name]).parameters.values()
    named = [other.name for other in others if other.kind is not inspect.Parameter.VAR_KEYWORD]
    options = shown["doc"]["options"]

    assert first.name not in options
    assert shown["doc"]["short_description"]
    assert list(map(str.strip, shown["doc"]["positional"].split(",")))[: len(named) + 1] == ["_input", *named]
    assert all(option["description"] for option in options.values())
    assert {"_input", *named} <= set(options)
    for other in others:
        if other.kind is not inspect.Parameter.VAR_KEYWORD:
            assert options[other.name].get("required", False) is (other.default is inspect.Parameter.empty)
    assert f"| {name}" in shown["examples"] or f"'{name}'" in shown["examples"]
    assert shown["return"]["_value"]["description"]


@pytest.mark.parametrize("name", ROLES)
def test_a_role_is_documented_at_each_of_its_doors(roles, name):
    points = roles[name]["entry_points"]

    assert "main" in points
    for point in points.values():
        assert point["short_description"]
        assert all(option["description"] for option in point.get("options", {}).values())


def essence(option):
    wanted = ("type", "elements", "default", "required")
    told = {key: option[key] for key in wanted if option.get(key) is not None}
    return {**told, "required": told.get("required", False)}
