"""A host whose every answer is a lie rules neither our variables, nor what runs here, nor the terminal."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
VARIABLES = sorted(
    yaml.safe_load((ROOT / "roles/settings/meta/argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ]
)
#: What a module answers is what the host's Python prints, and nobody says that this is one.
PYTHON = """#!{real}
import json, subprocess, sys
done = subprocess.run(["{real}", *sys.argv[1:]], stdin=sys.stdin, capture_output=True, text=True)
said = done.stdout.replace("{real}", "{own}").strip()
if "-c" in sys.argv:
    said = "3.11.7 - {own}"
if said.startswith("{{"):
    said = json.dumps({{**json.loads(said), **json.load(open("{lies}"))}}) + "\\n\\x1b[2Jthe end"
print(said)
sys.stderr.write(done.stderr + "\\x1b]0;theirs\\x07")
sys.exit(done.returncode)
"""
#: Builds a wheel, and does something else here first.
BACKEND = "from setuptools.build_meta import *\nopen({ran!r}, 'w').close()\n"
ESCAPES = "\x1b[2J\x1b]0;theirs\x07\u202e"


@pytest.fixture
def liar(tmp_path):
    """A folder with the host's Python ``python`` and its project, from which a wheel would be built here."""
    project = tmp_path / "theirs"
    (project / "fleet_stress").mkdir(parents=True)
    (project / "fleet_stress/__init__.py").write_text("")
    build = {"requires": ["setuptools"], "build-backend": "backend", "backend-path": ["fleet_stress"]}
    words = "\n".join(f"{name} = {json.dumps(value)}" for name, value in build.items())
    (project / "pyproject.toml").write_text(
        f'[build-system]\n{words}\n[project]\nname = "fleet-stress"\nversion = "0.1.0"\n'
    )
    (project / "fleet_stress/backend.py").write_text(BACKEND.format(ran=str(tmp_path / "ran")))
    names = {name: str(project) for name in (*VARIABLES, "stress_project_dir", "ansible_playbook_python")}
    (project / "host.lock").write_bytes((ROOT / "requirements/host.lock").read_bytes())
    names["stress_host_lock"] = str(project / "host.lock")
    lies = {
        "ansible_facts": {**names, ESCAPES: ESCAPES},
        "add_host": {"host_name": "liar", "host_vars": names},
        "add_group": ESCAPES,
        "_ansible_facts_cacheable": True,
        "ansible_stats": {"data": {ESCAPES: ESCAPES}, "per_host": True},
        "warnings": [ESCAPES],
        "deprecations": [{"msg": ESCAPES, "version": "9"}],
        "notes": [ESCAPES],
        **names,
    }
    (tmp_path / "ours").mkdir()
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in ("ansible.cfg", "requirements", ".cache"):
        (tmp_path / "ours" / name).symlink_to(ROOT / name)
    (tmp_path / "lies.json").write_text(json.dumps(lies))
    python = tmp_path / "python"
    python.write_text(PYTHON.format(real=sys.executable, own=python, lies=tmp_path / "lies.json"))
    python.chmod(0o755)
    return tmp_path


def play(liar, *options, **environment):
    """What every command begins with, and the first task of the role that brings the engine."""
    wheels = yaml.safe_load((ROOT / "roles/engine/tasks/main.yml").read_text())[0]
    assert "stress_wheels" in wheels
    know = {"import_role": {"name": "settings", "rolespec_validate": False}}
    look = {"import_role": {"name": "preflight", "tasks_from": "look", "rolespec_validate": False}}
    ours = [*VARIABLES, "stress_project_dir", "ansible_playbook_python"]
    sees = f"query('ansible.builtin.vars', *{ours!r}) | to_json is not search('{liar}/theirs')"
    asked = {
        "assert": {
            "that": [sees, "stress_facts.ansible_facts is not defined", "stress_facts.bot is not defined"]
        }
    }
    document = {
        "hosts": "{{ groups | stress_targets }}",
        "gather_facts": False,
        "tasks": [know, look, wheels, {"ansible.builtin.stat": {"path": "/"}}, asked],
    }
    (liar / "ours/play.yml").write_text(yaml.safe_dump([document]))
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(liar / "python"),
        "stress_become": False,
    }
    (liar / "inventory.json").write_text(json.dumps({"all": {"hosts": {"liar": host}}}))
    return subprocess.run(
        [PLAYBOOK, "-i", liar / "inventory.json", *options, liar / "ours/play.yml"],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_SHOW_CUSTOM_STATS": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("option", ["--check", "-vvv"])
def test_a_host_that_lies_in_every_answer(liar, option):
    done = play(liar, option)

    assert done.returncode == 0, done.stdout
    assert not (liar / "ran").exists(), "code of the host's has run on the controller"
    assert "]0;theirs" in done.stdout, "what it said is shown, and not obeyed"
    assert re.findall(r"[^\n\t -~\u2026]", done.stdout) == []


@pytest.mark.parametrize(
    "switched", [{"ANSIBLE_INJECT_FACT_VARS": "True"}, {"ANSIBLE_CONFIG": "{liar}/ansible.cfg"}]
)
def test_a_configuration_that_would_believe_it_is_refused_before_it_is_asked(liar, switched):
    ours = (
        (ROOT / "ansible.cfg")
        .read_text()
        .replace("inject_facts_as_vars = False", "inject_facts_as_vars = True")
    )
    (liar / "ansible.cfg").write_text(
        re.sub(r"^(\w+ = )(?=roles|library|plugins)", rf"\1{ROOT}/", ours, flags=re.MULTILINE)
    )
    (liar / "python").unlink()

    done = play(liar, **{name: value.format(liar=liar) for name, value in switched.items()})

    assert done.returncode != 0
    assert "Ansible would make variables of what hosts say" in done.stdout
    assert "TASK" not in done.stdout
