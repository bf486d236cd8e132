"""What `ansible-doc` shows of a module is there, and is what the module takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
#: Their action plugins take the arguments; the bare module takes what they hand on, or nothing.
WITH_ACTION = [name for name in MODULES if (ROOT / f"plugins/action/{name}.py").exists()]


@pytest.fixture(scope="module")
def documents():
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "-t", "module", "--json", *MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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


@pytest.mark.parametrize("name", [one for one in MODULES if one not in WITH_ACTION])
def test_what_is_documented_is_what_it_takes(documents, taken, name):
    options = documents[name]["doc"]["options"]
    shown = {option: essence(words) for option, words in options.items()}
    assert shown == {option: essence(words) for option, words in taken(name)["argument_spec"].items()}


@pytest.mark.parametrize("name", WITH_ACTION)
def test_what_the_action_plugin_hands_on_is_documented(documents, taken, name):
    assert set(taken(name)["argument_spec"]) <= set(documents[name]["doc"]["options"])


@pytest.mark.parametrize("name", MODULES)
def test_check_mode_is_there_where_it_is_promised(documents, taken, name):
    promised = documents[name]["doc"]["attributes"]["check_mode"]["support"] == "full"
    assert taken(name)["supports_check_mode"] is promised


def essence(option):
    wanted = ("type", "elements", "default", "required")
    told = {key: option[key] for key in wanted if option.get(key) is not None}
    return {**told, "required": told.get("required", False)}
