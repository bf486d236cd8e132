"""What the documents tell a reader to write and to type is written and typed, in a copy of the project."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from .pages import PAGES, ROOT, blocks, missing, typed

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

#: What a checkout has beside its files.
_NOT_COPIED = (
    ".git",
    ".venv",
    ".cache",
    ".lab",
    ".ansible",
    "results",
    "build",
    "dist",
)


def _not_copied(folder: str, names: list[str]) -> set[str]:
    own = set(_NOT_COPIED) if Path(folder) == ROOT else set()
    return own | {name for name in names if name == "__pycache__" or name.endswith("_cache")}


RUN = [page for page in PAGES if any("console" in block.words for block in blocks(page))]


class Reader:
    """Somebody with a copy of the project, and a folder and a user for bots on this machine."""

    def __init__(self, project: Path, variables: dict[str, str]) -> None:
        shutil.copytree(ROOT, project, ignore=_not_copied, symlinks=True)
        self.project = project
        own = project / "inventory/group_vars/all.yml"
        own.parent.mkdir()
        own.write_text(yaml.safe_dump({**variables, "stress_cache_dir": str(ROOT / ".cache")}))

    def types(self, command: str) -> tuple[int, str]:
        """Exit code and all that was said."""
        usual = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.project,
            env={
                **usual,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PYTHONPATH": f"{self.project}/plugins:{self.project}",
                "ANSIBLE_NOCOLOR": "1",
                "COLUMNS": "120",
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """What all readers share, so that the engine is brought once; a purge leaves nothing of it."""
    place = Path(tempfile.mkdtemp(prefix="fleet-stress-documents-", dir="/var/lib"))
    place.chmod(0o755)
    variables = {"stress_dir": str(place / "stress"), "stress_user": f"fs-test-{secrets.token_hex(3)}"}
    yield variables
    last = Reader(tmp_path_factory.mktemp("purge") / "fleet-stress", variables)
    code, said = last.types("ansible-playbook stress.yml --tags cleanup -e purge=true")
    left = sorted(str(path) for path in place.rglob("*"))
    shutil.rmtree(place)
    assert code == 0, said
    assert left == [], "purge left something behind"


@pytest.fixture
def reader(tmp_path, host):
    return Reader(tmp_path / "fleet-stress", host)


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_what_it_says_happens(page, reader):
    for block in blocks(page):
        if block.file:
            path = reader.project / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif "console" in block.words:
            commands = typed(block)
            for number, command in enumerate(commands, 1):
                code, said = reader.types(command.command)
                where = f"{page.name}:{block.line}: $ {command.command}\n{said}"
                fails = "fails" in block.words and number == len(commands)
                assert (code != 0) is fails, f"exit code {code} of {where}"
                assert missing(command.seen, said) is None, (
                    f"{missing(command.seen, said)!r} is not seen in {where}"
                )
