"""What must be true of a host after a run. playbooks/verify.yml runs this over all hosts of a run; alone:

python -m pytest tests/hosts --hosts=local://                    this machine
python -m pytest tests/hosts --hosts=ssh://bot1.example.net      another one (--sudo, --stress-dir=…, --stress-user=…)
"""

import contextlib
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hosts.look import look

_FINDINGS = pytest.StashKey[dict]()
_LOOKS = pytest.StashKey[dict]()


class Expected(NamedTuple):
    """What we should find on a host, and whether it takes root to look."""

    stress_dir: str
    user: str
    engine_python: str
    become: bool


def pytest_addoption(parser):
    group = parser.getgroup("fleet-stress")
    group.addoption("--stress-dir", default="/var/lib/fleet-stress", help="our folder on the host")
    group.addoption("--stress-user", default="fleet-stress", help="the user that bots run as")
    group.addoption("--stress-hosts", help="JSON: for each host stress_dir, user, engine_python and become")
    group.addoption("--stress-findings", help="write what is wrong, by host, to this JSON file")


def pytest_configure(config):
    config.stash[_FINDINGS] = {}
    config.stash[_LOOKS] = {}


@pytest.fixture(scope="module")
def expected(host, request):
    options = request.config.option
    if options.stress_hosts:
        return Expected(**json.loads(Path(options.stress_hosts).read_text())[host.backend.get_hostname()])
    python = f"{options.stress_dir}/engine/current/bin/python"
    return Expected(options.stress_dir, options.stress_user, python, become=False)


@pytest.fixture(scope="module")
def seen(host, expected, request):
    """One look at the host, by root where the engine ran as root by becoming it."""
    looks = request.config.stash[_LOOKS]
    name = host.backend.get_hostname()
    if name not in looks:
        with host.sudo() if expected.become else contextlib.nullcontext():
            looks[name] = look(
                host, stress_dir=expected.stress_dir, user=expected.user, python=expected.engine_python
            )
    return looks[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        host = item.callspec.params["_testinfra_host"].backend.get_hostname()
        said = str(call.excinfo.value).splitlines() or [call.excinfo.typename]
        item.config.stash[_FINDINGS].setdefault(host, []).append(f"{item.originalname}: {said[0]}")
    return report


def pytest_sessionfinish(session):
    target = session.config.option.stress_findings
    if target:
        Path(target).write_text(json.dumps(session.config.stash[_FINDINGS], indent=1))
