"""A failed task's result in the words that a person needs: its message, and what else was said, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import plain

#: So many lines of a program's last words are shown.
_LAST_WORDS = 10
_NOTHING = "it failed, and said nothing; -vvv tells more"


def failure_lines(result: Mapping[str, Any]) -> list[str]:
    """Lines without what a terminal would obey.

    ``result``: as a callback gets it. Our own plugins say all in ``msg``; of a program's last words only those are
    shown that are not in it.
    """
    message = plain(result.get("msg") or result.get("reason") or "").strip()
    lines = [*message.splitlines(), *_items(result)]
    if result.get("rc") not in (None, 0):
        for name in ("stderr", "module_stderr", "stdout", "module_stdout"):
            output = plain(result.get(name) or "").strip()
            if output and output not in message:
                lines += [f"   {line}" for line in output.splitlines()[-_LAST_WORDS:]]
                break
    return lines or [_NOTHING]


def _items(result: Mapping[str, Any]) -> Iterator[str]:
    """Of a loop, what failed."""
    found = result.get("results")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, Mapping) and (item.get("failed") or item.get("unreachable")):
            label = plain(item.get("_ansible_item_label", item.get("item", "")), 100)
            first, *rest = failure_lines(item)
            yield f"{label}: {first}"
            yield from rest
