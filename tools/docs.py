"""``make docs``: write every generated file anew. A test compares each of them with what would be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tools import errors_document, macos_table, rows_table, scenario_words, troubleshooting

ROOT = Path(__file__).parents[1]
#: What each file says, first that which the others read.
GENERATED: Mapping[Path, Callable[[], str]] = {
    module.PATH: module.text
    for module in (scenario_words, macos_table, errors_document, rows_table, troubleshooting)
}


def main() -> None:
    """Write them, and name those that changed."""
    for path, text in GENERATED.items():
        written, new = path.read_text(encoding="utf-8") if path.exists() else None, text()
        if new != written:
            path.write_text(new, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
