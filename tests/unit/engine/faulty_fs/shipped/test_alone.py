"""What is shipped needs Python 3.8 and the standard library, and nothing else of the engine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.faulty_fs import shim, shipped

SHIPPED = Path(shipped.__file__).parent
FILES = sorted(SHIPPED.rglob("*.py"))
PYTHONS = [sys.executable, *map(str, sorted(Path("~/.pyenv/versions").expanduser().glob("3.8.*/bin/python")))]
#: Imports every module of the copy but ``sitecustomize``, which starts the shim, and says what else was loaded.
IMPORTS = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module("fleet_stress.faulty_fs.shipped." + name)
print(*(name for name, module in sys.modules.items() if "site-packages" in str(getattr(module, "__file__", ""))))
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_is_python_3_8_and_says_where_it_runs(path):
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    if path.parent == SHIPPED:
        assert "bot's own Python" in (ast.get_docstring(tree) or "")
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert imported <= {*sys.stdlib_module_names, "fleet_stress", "sitecustomize"}


@pytest.mark.parametrize("python", PYTHONS)
def test_an_isolated_python_imports_the_copy(tmp_path, python):
    shim.ship(tmp_path)
    names = [".".join(path.relative_to(SHIPPED).with_suffix("").parts) for path in FILES]
    names = [name for name in names if not name.endswith(("__init__", "sitecustomize"))]

    done = subprocess.run(
        [python, "-I", "-S", "-c", IMPORTS, str(tmp_path / "code"), *names], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
