"""The workflow for Linux and real Macs: it runs the README's two commands, may write nothing, and has no secret."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(params=FILES, ids=lambda item: item.name)
def workflow(request):
    return yaml.safe_load(request.param.read_text())


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_is_one():
    assert FILES


def test_it_reads_and_no_more(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    assert "secrets." not in str(workflow)
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_what_it_uses_is_github_s_own_and_pinned(workflow):
    used = {step["uses"] for step in steps(workflow) if "uses" in step}
    assert all(re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", item) for item in used), used


def test_each_job_runs_on_linux_and_on_both_kinds_of_mac_and_ends(workflow):
    for job in workflow["jobs"].values():
        systems = job["strategy"]["matrix"]["os"]
        assert {system.split("-")[0] for system in systems} == {"ubuntu", "macos"}
        assert any(system.endswith("-intel") for system in systems)
        assert job["runs-on"] == "${{ matrix.os }}"
        assert job["timeout-minutes"] <= 90
        assert set(job) <= {"name", "runs-on", "timeout-minutes", "strategy", "steps"}


def test_it_types_commands_that_the_makefile_has(workflow):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = {
        match for step in steps(workflow) for match in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))
    }
    assert {"test", "stress", "macos"} <= typed <= targets


def test_a_step_has_what_github_takes(workflow):
    for step in steps(workflow):
        assert set(step) <= {"name", "if", "uses", "with", "run", "env"}
        assert ("uses" in step) != ("run" in step)
