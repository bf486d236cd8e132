"""Modules of library/ as Ansible runs them: a file of its own, JSON on its standard input, JSON as its answer."""

import getpass
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pip
import pytest
from fleet_controller.ansible.documented_answer import passed

from fleet_stress.store.layout import MARKER
from tests import in_memory
from tests.as_module import find_module_utils, loaded

ROOT = Path(__file__).parents[3]
#: What AnsibleModule adds to an answer with a ``path``; none of ours is read by anybody.
ABOUT_PATH = {"gid", "group", "mode", "owner", "secontext", "size", "state", "uid"}
# Tests import the parts of modules from there.
find_module_utils()


@pytest.fixture(scope="session")
def library():
    """``library("python_env")``: the file as a Python module, for its functions."""
    return lambda name: loaded(f"library/{name}.py")


class Door:
    """One module of library/, to be called with arguments; what it answers is a dictionary."""

    def __init__(self, name):
        self.name = name

    def start(self, *, check=False, environment=None, **arguments):
        flags = {"_ansible_check_mode": check, "_ansible_diff": True}
        process = subprocess.Popen(
            [sys.executable, ROOT / "tests/as_module.py", ROOT / f"library/{self.name}.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, **(environment or {})},
        )
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **flags}}))
        process.stdin.close()
        return process

    @staticmethod
    def answer(process):
        with process:
            said, trouble = process.stdout.read().strip(), process.stderr.read()
        assert said.startswith("{"), trouble
        return json.loads(said)

    def __call__(self, **arguments):
        answer = self.answer(self.start(**arguments))
        lost = answer.keys() - passed(self.name, answer).keys() - ABOUT_PATH
        assert not lost, "what is not documented would get lost on its way"
        return answer

    def fails(self, **arguments):
        """The message of a call that must fail."""
        answer = self(**arguments)
        assert answer.get("failed"), answer
        return answer["msg"]

    def by_ansible(self, *options, **arguments):
        """The same through ``ansible -m``, from the project's folder."""
        argv = [Path(sys.executable).with_name("ansible"), "localhost", "-m", self.name, *options]
        argv += ["-a", json.dumps(arguments), "-e", f"ansible_python_interpreter={sys.executable}"]
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env={
                **os.environ,
                "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
                "ANSIBLE_LOAD_CALLBACK_PLUGINS": "0",
            },
            capture_output=True,
            text=True,
        )
        head, arrow, answer = done.stdout.partition(" => ")
        assert arrow, done.stdout + done.stderr
        return head, json.loads(answer)


@pytest.fixture
def door():
    return Door


@pytest.fixture
def place():
    """A folder of ours, with the marker, that any user can reach."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="fleet-stress-test-", dir=in_memory.for_bots())))
    folder.chmod(0o755)
    (folder / MARKER).write_text('{"made_by": "fleet-stress"}')
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def me():
    return getpass.getuser()


@pytest.fixture(scope="session")
def pip_wheel(tmp_path_factory):
    """The pip of this environment, zipped: it runs from there as from its own wheel."""
    wheel = tmp_path_factory.mktemp("pip") / f"pip-{pip.__version__}-py3-none-any.whl"
    folder = Path(pip.__file__).parent
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder.parent))
            compiled = Path(importlib.util.cache_from_source(path)) if path.suffix == ".py" else None
            if compiled and compiled.exists():  # else every start would compile all of it again
                archive.write(compiled, path.relative_to(folder.parent).with_suffix(".pyc"))
    return wheel


@pytest.fixture
def make_wheel(tmp_path):
    """``make_wheel("thing", "1.0", requires=("other<2",))``: a wheel with one module that says its version."""

    def make(name, version, requires=(), folder=tmp_path / "index"):
        folder.mkdir(exist_ok=True)
        about = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"version = {version!r}\n",
            f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            + "".join(f"Requires-Dist: {require}\n" for require in requires),
            f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},,\n" for path in (*files, f"{about}/RECORD"))
        path = folder / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for inner, text in {**files, f"{about}/RECORD": record}.items():
                wheel.writestr(inner, text)
        return path

    return make


@pytest.fixture
def until():
    """Wait for an event, with a deadline that only a broken test meets."""

    def wait(true, told, within=60.0):
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, f"never: {told}"
            time.sleep(0.02)

    return wait
