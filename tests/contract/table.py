"""Which fault is proved where, as the table of docs/macos.md: ``python -m tests.contract.table`` writes it."""

import re
from pathlib import Path

from fleet_stress.faults import FAULTS
from tests.contract.experiments import EXPERIMENTS

_DOCUMENT = Path(__file__).parents[2] / "docs" / "macos.md"
_HEAD = "| fault | Linux, really | macOS, by doubles | macOS, really |\n|---|---|---|---|\n"
_TABLE = re.compile(re.escape(_HEAD) + r"(\|[^\n]*\n)+")
_ROOT = _DOCUMENT.parents[1]


def table():
    """One row a fault of the catalogue; a cell names the tests."""
    contract = {one.fault.name for one in EXPERIMENTS.values()}
    rows = []
    for name in sorted(FAULTS):
        own = f"tests/unit/engine/faults/test_{name}.py"
        real = [f"`{own}`"] if (_ROOT / own).is_file() else []
        real += ["contract"] if name in contract else []
        told = ", ".join(real) or "its rows (`tests/mutants/`)"
        rows.append(f"| `{name}` | {told} | {'contract' if name in contract else 'no'} | nobody yet |\n")
    return _HEAD + "".join(rows)


def written():
    """The table that stands in the document."""
    return _TABLE.search(_DOCUMENT.read_text(encoding="utf-8"))[0]


if __name__ == "__main__":
    _DOCUMENT.write_text(
        _TABLE.sub(lambda _: table(), _DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8"
    )
