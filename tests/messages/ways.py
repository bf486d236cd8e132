"""How a test gets to a message: the ways that entries name, each with what it takes.

Every way returns what a person would see. ``${tmp}`` in what it takes is the test's folder, ``${python}`` this Python.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from fleet_controller.ansible.checked_variables import check_tags
from fleet_controller.hosts.preflight.host_problems import host_problems
from fleet_controller.hosts.preflight.problem import as_message
from fleet_controller.hosts.preflight.way_in import read_probe
from fleet_controller.hosts.variables import check

from fleet_stress import __main__ as engine
from tests.as_module import loaded
from tests.messages import scenes
from tests.messages.catalogue import ROOT

_NO_RUN = {"ansible_run_tags": ["all"]}


def told(way: dict[str, Any], tmp: Path) -> str:
    """Go the way; returns the message, with ``${tmp}`` for the test's folder."""
    ((name, takes),) = way.items()
    said = _WAYS[name](_filled(takes, tmp), tmp)
    return said.replace(str(tmp), "${tmp}").replace(sys.executable, "${python}").rstrip("\n")


def with_each(way: Any, word: str) -> Any:
    """The way of an entry that stands for several: ``${each}`` is one of them."""
    return yaml.load(yaml.safe_dump(way).replace("${each}", word), yaml.CSafeLoader)


def _filled(value: Any, tmp: Path) -> Any:
    if isinstance(value, str) and value.startswith("path:"):
        return Path(_filled(value.removeprefix("path:"), tmp))
    if isinstance(value, str):
        return value.replace("${tmp}", str(tmp)).replace("${python}", sys.executable)
    if isinstance(value, dict):
        return {name: _filled(item, tmp) for name, item in value.items()}
    return [_filled(item, tmp) for item in value] if isinstance(value, list) else value


def _variables(takes: dict[str, Any], _tmp: Path) -> str:
    """``said``: variables as ``-e`` brings them."""
    said = takes["said"]
    return _raised(
        check, {name: item for name, item in said.items() if name in takes.get("ours", said)}, said
    )


def _tags(takes: dict[str, Any], _tmp: Path) -> str:
    """``chosen``: after ``--tags``; ``left_out``: after ``--skip-tags``; ``stages``: of the playbook."""
    stages = takes.get("stages", ["provision", "run", "verify", "cleanup", "report"])
    return _raised(check_tags, takes.get("chosen", ["all"]), takes.get("left_out", []), stages)


def _calls(takes: dict[str, Any], tmp: Path) -> str:
    """``of``: module and function; ``with``, ``named``: what it takes; ``folders``, ``files``: what is there."""
    _place(takes, tmp)
    module, function = takes["of"].split(":")
    called: Any = _module(module)
    for name in function.split("."):
        called = getattr(called, name)
    return _raised(called, *takes.get("with", ()), **takes.get("named", {}))


def _answers(takes: dict[str, Any], tmp: Path) -> str:
    """As ``calls``, of a function that returns what it says."""
    _place(takes, tmp)
    module, function = takes["of"].split(":")
    return str(getattr(_module(module), function)(*takes.get("with", ()), **takes.get("named", {})))


def _engine(takes: dict[str, Any], tmp: Path) -> str:
    """``argv`` of ``python -m fleet_stress``, ``stdin``."""
    _place(takes, tmp)
    with (
        mock.patch("sys.stdin", io.StringIO(takes.get("stdin", ""))),
        mock.patch("sys.stderr", io.StringIO()) as said,
    ):
        assert engine.main(takes["argv"]) != 0
    return said.getvalue()


def _task(takes: dict[str, Any], _tmp: Path) -> str:
    """``file``, ``name`` of a task that fails or asserts; ``given``: its variables."""
    text = (ROOT / takes["file"]).read_text(encoding="utf-8")
    (found,) = [item for item in _all(yaml.load(text, yaml.CSafeLoader)) if item.get("name") == takes["name"]]
    said = found.get("ansible.builtin.fail", {}).get("msg") or found["ansible.builtin.assert"]["fail_msg"]
    templar = Templar(DataLoader(), variables={**_trusted(found.get("vars", {})), **takes["given"]})
    return str(templar.template(trust_as_template(said.strip())))


def _plugin(takes: dict[str, Any], tmp: Path) -> str:
    """``name`` of an action plugin, its ``args``; ``given``: variables; ``check``: in check mode."""
    _place(takes, tmp)
    return answer(takes["name"], takes.get("args", {}), takes.get("given", {}))["msg"]


def answer(name: str, args: Any, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """What an action plugin answers to a task, without a play around it and without a host."""
    module = loaded(f"plugins/action/{name}.py")
    task = mock.Mock(args=args, async_val=0, check_mode=False, diff=False, collections=[])
    connection = mock.Mock(has_pipelining=True, _shell=mock.Mock(tmpdir=None))
    loader = DataLoader()
    known = {"inventory_hostname": "h1", **_NO_RUN, **_trusted(given or {})}
    templar = Templar(loader, variables=known)
    plugin = module.ActionModule(task, connection, mock.Mock(), loader, templar, mock.Mock())
    with mock.patch.object(
        plugin, "_low_level_execute_command", return_value={"rc": 1, "stdout": "", "stderr": ""}
    ):
        return dict(plugin.run(None, known))


def _door(takes: dict[str, Any], tmp: Path) -> str:
    """``name`` of a module in library/, ``args``: as Ansible runs it."""
    _place(takes, tmp)
    said = subprocess.run(
        [sys.executable, ROOT / "tests/as_module.py", ROOT / f"library/{takes['name']}.py"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": takes.get("args", {})}),
        capture_output=True,
        text=True,
        cwd="/",
    )
    found = json.loads(said.stdout)
    assert found["failed"]
    return str(found["msg"])


def _program(takes: dict[str, Any], tmp: Path) -> str:
    """``argv``, ``environment``, ``cwd``, ``stdin`` of a program of ours, which says on stderr what is wrong."""
    _place(takes, tmp)
    done = subprocess.run(
        takes["argv"],
        cwd=takes.get("cwd", ROOT),
        env={**os.environ, **takes.get("environment", {})},
        input=takes.get("stdin", ""),
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0, done.stdout
    return "\n".join(done.stderr.splitlines()[-takes.get("lines", 100) :])


def _catalogue(takes: dict[str, Any], tmp: Path) -> str:
    """A small catalogue of its own in which ``files`` are changed; ``asked``: what is compiled."""
    from tests.unit.controller.conftest import Catalogue

    small = Catalogue(tmp)
    if "scenario" in takes:
        small.scenario(*takes["scenario"])
    if "bot" in takes:
        small.bot(*takes["bot"])
    if "steps" in takes:
        small.steps(takes["steps"])
    for path in takes.get("without", ()):
        (tmp / path).unlink()
    for path, text in takes.get("bytes", {}).items():
        (tmp / path).write_bytes(text.encode("latin-1"))
    if "large" in takes:
        (tmp / takes["large"]).write_bytes(b"x" * 2_000_000)
    _place(takes, tmp)
    return small.refusal(**takes.get("asked", {}))


def _scene(takes: str, tmp: Path) -> str:
    """A function in ``scenes/``."""
    return _raised(scenes.scene(takes), tmp)


#: A host that nothing speaks against, as the module stress_facts sees it.
_FACTS: dict[str, Any] = {
    **{"user": "fleet-stress", "login": "root", "root": True, "user_exists": False, "user_root": False},
    **{
        "stress_dir": "/var/lib/fleet-stress",
        "state": "absent",
        "disk_free_mb": 9000,
        "inodes_free": 900_000,
    },
    **{"others": [], "bot_folder_exists": True, "memory_mb": 4000, "memory_available_mb": 3000},
    "base": {
        **{
            "path": "/var/lib",
            "is_folder": True,
            "writable": True,
            "closed_at": "",
            "mounted": [],
            "homes": [],
        }
    },
}


def _host(takes: dict[str, Any], _tmp: Path) -> str:
    """``facts`` (``base`` by itself) of a host that are others; ``asked``: more that preflight is told."""
    facts = {**_FACTS, **takes.get("facts", {}), "base": {**_FACTS["base"], **takes.get("base", {})}}
    found = host_problems(facts, **{"asked_dir": facts["stress_dir"], **takes.get("asked", {})})
    return as_message(found, "h1")


def _probed(takes: dict[str, Any], _tmp: Path) -> str:
    """``output`` of the script that looks for a Python, ``wanted``: ``stress_python``."""
    found = read_probe(takes.get("output", ""), True, takes.get("wanted", ""))
    return as_message(found["problems"], "h1")


_WAYS = {
    "host": _host,
    "probed": _probed,
    "scene": _scene,
    "variables": _variables,
    "tags": _tags,
    "calls": _calls,
    "answers": _answers,
    "engine": _engine,
    "task": _task,
    "plugin": _plugin,
    "door": _door,
    "program": _program,
    "catalogue": _catalogue,
}


def _raised(called: Any, *arguments: Any, **named: Any) -> str:
    try:
        found = called(*arguments, **named)
        if hasattr(found, "__next__"):
            list(found)
    except Exception as problem:
        return str(problem.args[0] if isinstance(problem, LookupError) else problem)
    raise AssertionError(f"nothing was told; it gave {found!r}")


def _place(takes: dict[str, Any], tmp: Path) -> None:
    for path in takes.get("folders", ()):
        (tmp / path).mkdir(parents=True, exist_ok=True)
    for path, text in takes.get("files", {}).items():
        (tmp / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp / path).write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")


def _module(name: str) -> Any:
    return loaded(name) if name.endswith(".py") else importlib.import_module(name)


def _trusted(value: Any) -> Any:
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {name: _trusted(item) for name, item in value.items()}
    return value


def _all(node: Any) -> Any:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _all(value)
    elif isinstance(node, list):
        for item in node:
            yield from _all(item)
