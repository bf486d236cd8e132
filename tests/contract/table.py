"""Which fault is proved where, as the table of docs/macos.md: ``python -m tests.contract.table`` writes it.

It goes by what is in ``experiments.py``: a new fault is there, in ``EXPERIMENTS`` or in ``NOT_ON_MACOS``.
"""

import re
from pathlib import Path

from fleet_stress.faults import FAULTS
from tests.contract.experiments import EXPERIMENTS, NOT_ON_MACOS
from tests.contract.rows import of_faults

_DOCUMENT = Path(__file__).parents[2] / "docs" / "macos.md"
_HEAD = "| fault | Linux, really | macOS, by doubles | macOS, really |\n|---|---|---|---|\n"
_TABLE = re.compile(re.escape(_HEAD) + r"(\|[^\n]*\n)+")
#: The table of rows that macOS skips, in the same document: a test holds it against what the faults say.
_SKIPPED_ROW = re.compile(r"^\| ((?:\d[\w.]*(?:, )?)+) \|", re.MULTILINE)
_SKIPPED = "skipped, with the reason (contract)"
_ROOT = _DOCUMENT.parents[1]


def table():
    """One row a fault of the catalogue; a cell names the tests."""
    contract = {one.fault.name for one in EXPERIMENTS.values()}
    document = _DOCUMENT.read_text(encoding="utf-8")
    skipped = {row for found in _SKIPPED_ROW.findall(document) for row in found.split(", ")}
    rows_of, rows = of_faults(), []
    for name in sorted(FAULTS):
        own = sorted((_ROOT / "tests/unit/engine/faults").glob(f"*/test_{name}.py"))
        real = [f"`{path.relative_to(_ROOT)}`" for path in own]
        real += ["contract"] if name in contract else []
        told = ", ".join(real) or "its rows (`tests/mutants/`)"
        doubled = "contract" if name in contract else _SKIPPED if name in NOT_ON_MACOS else "**nothing**"
        on_a_mac = [one for one in dict.fromkeys(rows_of[name].values()) if one not in skipped]
        told_of = f"nobody yet; rows {', '.join(on_a_mac)}" if on_a_mac else "-"
        rows.append(f"| `{name}` | {told} | {doubled} | {told_of} |\n")
    return _HEAD + "".join(rows)


def written():
    """The table that stands in the document."""
    return _TABLE.search(_DOCUMENT.read_text(encoding="utf-8"))[0]


if __name__ == "__main__":
    _DOCUMENT.write_text(
        _TABLE.sub(lambda _: table(), _DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8"
    )
