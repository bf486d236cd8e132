"""``docs/troubleshooting.md``: the messages that people meet first, from the catalogue, each with what helps."""

from __future__ import annotations

import textwrap

import yaml

from tests.messages.catalogue import ROOT, entries

PATH = ROOT / "docs/troubleshooting.md"
_HELP = ROOT / "tools/troubleshooting.yml"

_HEAD = """\
# Troubleshooting

<!-- Written by `make docs` from tools/troubleshooting.yml and tests/messages/entries/. A test compares. -->

The messages that people meet, in the order in which they meet them. Each says what is wrong and what to do; here is
what stands behind it. All others: [generated/errors.md](generated/errors.md). Paths, names and times are examples.
"""

_TAIL = """\
## A row says `not_exercised`, and nothing failed

Nothing was proved: the bot did not hit the fault, or its baseline already failed in what the row is about. Begin with
the row `baseline`; then give the bot more cycles (`--profile standard`). [verdicts.md](verdicts.md) says more.

## Something else

`fleet-stress run … -- -v` shows all that Ansible shows, `results/latest/hosts/<host>/supervisor.log` what happened on
the host. Begin a report with both.
"""


def text() -> str:
    """The whole page."""
    told = {entry.name: entry.all_told[0] for entry in entries()}
    parts = [_HEAD]
    for name, help_ in yaml.load(_HELP.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
        shown = told[name].replace("${tmp}/", "…/").replace("${tmp}", "…").replace("${python}", "python")
        parts += [
            f"## {help_['heading']}\n",
            "```text",
            *shown.splitlines(),
            "```\n",
            *textwrap.wrap(help_["advice"], 116),
            "",
        ]
    return "\n".join([*parts, _TAIL])
