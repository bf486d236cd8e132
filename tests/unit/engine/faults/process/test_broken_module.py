"""``broken_module``: a fake is what gets imported, fails as it should, and knows who met it."""

import os
import subprocess
import sys

import pytest

from fleet_stress.faults.process import fake_module
from fleet_stress.faults.process.broken_module import BrokenModule
from fleet_stress.faults.site import Where
from fleet_stress.store.layout import MARKER
from tests.unit.engine.faults.conftest import applied, make_site


@pytest.fixture
def site(tmp_path):
    (tmp_path / MARKER).write_text("{}")
    site = make_site(tmp_path, bot={"modules": ["statistics"], "environment": {}})
    site.scratch.chmod(0o755)
    return site


def python(site, program):
    return subprocess.run(
        [sys.executable, "-B", "-c", program, "argument"],
        env={"PATH": os.defpath, **site.next_start.environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("kind", "program", "says", "what"),
    [
        ("import_runtime_error", "import statistics", "RuntimeError: stress test", ["import"]),
        ("import_import_error", "import statistics", "ImportError: stress test", ["import"]),
        (
            "fails_at_first_use",
            "import statistics; print('imported', flush=True); statistics.mean([1])",
            "RuntimeError: stress test: simulated failure of statistics, asked for mean",
            ["import", "use mean"],
        ),
        ("fails_at_first_use", "from statistics import mean", "RuntimeError: stress", ["import", "use mean"]),
    ],
)
def test_it_fails_and_knows_whom_it_met(site, kind, program, says, what):
    fault = applied(BrokenModule, site, {"kind": kind})

    done = python(site, program)
    proof = fault.prove()

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(says)
    assert ("imported" in done.stdout) is ("print" in program)
    assert proof.took_effect
    assert [problem["what"] for problem in proof.details["met"]] == what
    assert proof.details["met"][0]["argv"] == ["-c", "argument"]


def test_nobody_met_it_is_no_proof(site):
    fault = applied(BrokenModule, site, {"kind": "import_runtime_error"})
    assert python(site, "import json").returncode == 0

    proof = fault.prove()

    assert not proof.took_effect
    assert proof.details["why"] == "nobody imported statistics while its fake stood"


def test_imported_and_never_used_is_no_proof_for_a_failure_at_use(site):
    fault = applied(BrokenModule, site, {"kind": "fails_at_first_use"})
    assert python(site, "import statistics; hasattr(statistics, '__version__')").returncode == 0

    proof = fault.prove()

    assert (proof.took_effect, proof.details["imports"]) == (False, 1)
    assert "never used" in proof.details["why"]


@pytest.mark.parametrize("before", [None, "/somewhere"])
def test_once_it_is_reverted_the_real_one_is_back(site, before):
    if before:
        site.next_start.environment["PYTHONPATH"] = before
    fault = applied(BrokenModule, site, {"kind": "import_runtime_error", "module": "statistics"})
    assert site.next_start.environment["PYTHONPATH"] != before

    fault.revert()

    assert site.next_start.environment.get("PYTHONPATH") == before
    assert list(site.scratch.iterdir()) == []
    assert python(site, "import statistics; print(statistics.mean([2]))").stdout == "2\n"
    fault.revert()  # a second time


def test_a_bot_without_modules_is_told_what_would_help(tmp_path):
    where = Where(tmp_path, {"modules": []}, None)
    assert "modules" in BrokenModule.supported(where, {"kind": "import_import_error"}).enable
    assert BrokenModule.supported(where, {"kind": "import_import_error", "module": "json"}) is None


def test_only_a_name_becomes_a_folder(site):
    for name in ("../numpy", "numpy.linalg", "", "num py", "numpy\n"):
        with pytest.raises(ValueError, match="no name"):
            fake_module.put(site.scratch, name, "import_runtime_error")
    assert list(site.scratch.iterdir()) == []


def test_notes_are_not_read_through_a_link(site, tmp_path):
    (tmp_path / "secret").write_text("1\timport\n")
    fault = applied(BrokenModule, site, {"kind": "import_runtime_error"})
    (site.scratch / "met/statistics.txt").symlink_to(tmp_path / "secret")

    assert not fault.prove().took_effect


@pytest.mark.root
def test_another_user_can_note_and_cannot_mend(tmp_path, user, monkeypatch):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(dir="/var/lib") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / MARKER).write_text("{}")
        site = make_site(folder, bot={"modules": ["json"]}, user=user)
        site.scratch.chmod(0o755)
        fault = applied(BrokenModule, site, {"kind": "import_runtime_error"})
        fake = site.scratch / "modules/json/__init__.py"
        program = f"""
try:
    open({str(fake)!r}, "w")
except PermissionError:
    import json
"""
        done = subprocess.run(
            ["/usr/bin/python3", "-c", program],
            env=site.next_start.environment,
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            capture_output=True,
            text=True,
        )
        assert "RuntimeError: stress test" in done.stderr
        assert fault.prove().took_effect
