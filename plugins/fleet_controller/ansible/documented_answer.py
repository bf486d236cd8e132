"""Of what a module of ours answers, only what its documentation says passes.

Ansible does more with an answer than to register it: ``ansible_facts`` become variables of the host, which outrank the
defaults of roles. None of our modules has facts to set, so a host that sends them lies.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import yaml

from fleet_controller.catalogue.project import ROOT

#: What every module may answer (https://docs.ansible.com/ansible/latest/reference_appendices/common_return_values.html),
#: and how Ansible says that it was no answer.
_COMMON = frozenset(
    (
        *(
            "changed",
            "failed",
            "skipped",
            "msg",
            "rc",
            "diff",
            "invocation",
            "exception",
            "warnings",
            "deprecations",
        ),
        *(
            "stdout",
            "stdout_lines",
            "stderr",
            "stderr_lines",
            "module_stdout",
            "module_stderr",
            "_ansible_parsed",
        ),
    )
)


def documented(module: str) -> frozenset[str] | None:
    """The keys that a module of ours documents (``RETURN``); None: it is not ours."""
    path = ROOT / "library" / f"{module.rpartition('.')[2]}.py"
    if "/" in module or not path.is_file():
        return None
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "RETURN":
            return frozenset(yaml.load(ast.literal_eval(statement.value), yaml.CSafeLoader) or ())
    return frozenset()


def passed(module: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What passes of the answer of a module: of ours, what is documented; of Ansible's own, all."""
    known = documented(module)
    return {name: value for name, value in answer.items() if known is None or name in known | _COMMON}
