"""Ansible's modules without Ansible: ``python tests/as_module.py library/python_env.py``, arguments on standard input.

Ansible packs a module's ``module_utils`` along with it; here Python finds them where ansible.cfg says they are.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path
from types import ModuleType

import ansible.module_utils

ROOT = Path(__file__).parents[1]
_FOLDERS = [str(ROOT / "plugins/module_utils"), str(ROOT)]


def find_module_utils() -> None:
    """From now on ``ansible.module_utils`` has ours; repeatable."""
    known = ansible.module_utils.__path__
    known += [folder for folder in _FOLDERS if folder not in known]


def loaded(path: str) -> ModuleType:
    """A file of library/, roles/ or plugins/ as a Python module, for its functions."""
    find_module_utils()
    spec = importlib.util.spec_from_file_location(f"loaded_{Path(path).stem}", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    find_module_utils()
    del sys.argv[0]  # a module would read its arguments from the file that it names
    runpy.run_path(sys.argv[0], run_name="__main__")
