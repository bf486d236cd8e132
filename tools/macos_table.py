"""Where each fault is proved: ``docs/generated/macos-faults.md``.

It goes by ``tests/contract/experiments.py``: a fault that is not there has to say itself that macOS cannot have it.
"""

from __future__ import annotations

import re
from pathlib import Path

from fleet_stress.faults import FAULTS
from tests.contract.experiments import EXPERIMENTS
from tests.contract.rows import of_faults

_ROOT = Path(__file__).parents[1]
PATH = _ROOT / "docs/generated/macos-faults.md"
_HEAD = """\
# Where each fault is proved

<!-- Written by `make docs` from tests/contract/experiments.py. A test compares. -->

[macos.md](../macos.md#what-proves-it) says what the words of this table mean.

| fault | Linux, really | macOS, by doubles | macOS, really |
|---|---|---|---|
"""
#: The rows that macOS skips, in docs/macos.md: a test holds them against what the faults say.
_SKIPPED_ROW = re.compile(r"^\| ((?:\d[\w.]*(?:, )?)+) \|", re.MULTILINE)
_SKIPPED = "skipped, with the reason (contract)"


def text() -> str:
    """One row a fault of the catalogue; a cell names the tests."""
    contract = {experiment.fault.name for experiment in EXPERIMENTS.values()}
    document = (_ROOT / "docs/macos.md").read_text(encoding="utf-8")
    skipped = {row for found in _SKIPPED_ROW.findall(document) for row in found.split(", ")}
    rows_of, lines = of_faults(), []
    for name in sorted(FAULTS):
        own = sorted((_ROOT / "tests/unit/engine/faults").glob(f"*/test_{name}.py"))
        tests = [f"`{path.relative_to(_ROOT)}`" for path in own]
        tests += ["contract"] if name in contract else []
        on_linux = ", ".join(tests) or "its rows (`tests/mutants/`)"
        doubled = "contract" if name in contract else _SKIPPED
        rows = [row for row in dict.fromkeys(rows_of[name].values()) if row not in skipped]
        on_a_mac = f"nobody yet; rows {', '.join(rows)}" if rows else "-"
        lines.append(f"| `{name}` | {on_linux} | {doubled} | {on_a_mac} |\n")
    return _HEAD + "".join(lines)
