"""``make macos``: what a Mac's owner runs. The tests that need a Mac, the catalogue, and a report of both.

    python -m tools.macos_report [words for ansible-playbook …]

Writes ``results/macos.md``: a line for the table in docs/macos.md, and below it each test, fault and row with what came
of it. Elsewhere than on a Mac it does the same as a trial, and says so in its first line: that proves nothing of
macOS. The exit code is 0 when both ended well.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.contract.rows import of_faults

ROOT = Path(__file__).parents[1]
TRIAL = "**A trial on {system}, not on a Mac: it shows that the report is written, and nothing of macOS.**"
_STRESS_DIR = "/usr/local/var/fleet-stress"


def main(words: Sequence[str], results: Path = ROOT / "results") -> int:
    """Run both, write the report, and say where it is."""
    results.mkdir(parents=True, exist_ok=True)
    tests, junit = _tests(results / "macos-tests.xml")
    before = _latest(results)
    stress = _stress(words, results)
    found = _latest(results)
    ran = json.loads((found / "results.json").read_text("utf-8")) if found and found != before else None
    report = results / "macos.md"
    report.write_text(
        "\n".join(lines(platform.uname(), platform.mac_ver()[0], junit, ran, _commit())) + "\n", "utf-8"
    )
    print(
        f"The report: {report}. What it says on a Mac belongs into docs/macos.md, with the folder of the run."
    )
    return tests or stress


def lines(
    system: Any, version: str, tests: Mapping[str, str], run: Mapping[str, Any] | None, commit: str
) -> Iterator[str]:
    """The report. ``tests``: what came of each by name; ``run``: results.json, None where none was written."""
    on_a_mac = system.system == "Darwin" and "double" not in system.release
    yield "# macOS: what was run"
    yield ""
    if not on_a_mac:
        yield TRIAL.format(system=f"{system.system} {system.release}")
        yield ""
    counted = Counter(tests.values())
    rows = Counter(entry["verdict"] for _, entry in _results(run))
    what = f"macOS {version}" if on_a_mac else f"trial: {system.system}"
    today = datetime.datetime.now(datetime.UTC).date()
    yield "| date | commit | system | machine | tests that need a Mac | catalogue |"
    yield "|---|---|---|---|---|---|"
    yield f"| {today} | {commit} | {what} | {system.machine} | {_counts(counted)} | {_counts(rows)} |"
    yield ""
    yield "| test | came to |"
    yield "|---|---|"
    yield from (f"| `{name}` | {word} |" for name, word in sorted(tests.items()))
    yield ""
    yield "| fault | its rows came to |"
    yield "|---|---|"
    for fault, scenarios in of_faults().items():
        came_to = Counter(entry["verdict"] for _, entry in _results(run) if entry["scenario"] in scenarios)
        yield f"| `{fault}` | {_counts(came_to)} |"
    yield ""
    yield "| row | scenario | host | verdict | why |"
    yield "|---|---|---|---|---|"
    for host, entry in _results(run):
        why = " ".join(entry["reasons"][:1]).replace("|", "/").replace("\n", " ")[:300]
        yield f"| {entry['row']} | `{entry['scenario']}` | {host} | {entry['verdict']} | {why} |"


def _results(run: Mapping[str, Any] | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each scenario's result, with its host."""
    for host, entry in (run["hosts"] if run else {}).items():
        for scenario in entry["scenarios"]:
            yield host, scenario


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in sorted(counted.items())) or "none"


def _tests(junit: Path) -> tuple[int, dict[str, str]]:
    code = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "macos",
            "-n",
            "0",
            f"--junitxml={junit}",
            "tests/unit",
            "tests/engine",
        ],
        cwd=ROOT,
        check=False,
    ).returncode
    return code, read_junit(junit.read_text("utf-8")) if junit.exists() else {}


def read_junit(text: str) -> dict[str, str]:
    """``passed``, ``failed`` or ``skipped`` for each test, by its module and name."""
    found = {}
    for case in ElementTree.fromstring(text).iter("testcase"):
        words = {child.tag for child in case}
        word = "failed" if words & {"failure", "error"} else "skipped" if "skipped" in words else "passed"
        found[f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"] = word
    return found


def _stress(words: Sequence[str], results: Path) -> int:
    folder = ["-e", f"stress_dir={_STRESS_DIR}"] if sys.platform == "darwin" else []
    argv = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "stress.yml",
        "-e",
        f"stress_results_dir={results}",
    ]
    return subprocess.run([*argv, *folder, *words], cwd=ROOT, check=False).returncode


def _latest(results: Path) -> Path | None:
    latest = results / "latest"
    return Path(os.path.realpath(latest)) if latest.exists() else None


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
