"""The page as bytes: one file with everything in it, that fetches nothing and runs nothing but our own script."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fleet_controller.messages.text import plain
from fleet_controller.report.page.details import brief, details, embedded
from fleet_controller.report.page.model import model
from fleet_controller.report.page.scenario_texts import scenario_texts
from fleet_controller.report.remedies import NOT_OF_THE_BOT, looked_at, remedies_of

PAGE = "index.html"
_HERE = Path(__file__).parent
_TEMPLATE = "page.html.j2"
_STYLE = ("page.css", "matrix.css", "panel.css", "explain.css", "print.css")
#: In the order that they need each other.
_SCRIPT = (
    "draw.js",
    "timeline.js",
    "plot.js",
    "explain.js",
    "issue.js",
    "detail.js",
    "overlay.js",
    "filter.js",
    "page.js",
)
#: Added to the page of a run that goes on.
_LIVE = ("live.js",)


def page(
    folder: Path,
    results: Mapping[str, Any],
    earlier: Mapping[str, Any] | None = None,
    live: Mapping[str, Any] | None = None,
) -> bytes:
    """The page of a run. The same results and evidence give the same bytes.

    Args:
        folder: Of the run. Evidence is read there; what is damaged or missing is told on the page.
        results: What ``collect`` gathered.
        earlier: What is new since an earlier run, as ``earlier.py`` has it.
        live: Of a run that goes on, and whose page is loaded again by itself: ``written``, when its hosts were last
            heard of, ``every`` so many seconds, and whether any has ``begun``. No evidence is read for it.
    """
    shown = model(results, earlier, live)
    written = scenario_texts(folder)
    style = together(_STYLE)
    # One function around all of it: nothing of ours is a name for the whole page.
    script = f'(() => {{\n"use strict";\n{together((*_SCRIPT, *_LIVE) if live else _SCRIPT)}}})();\n'
    for_script = {
        "run": shown["run_id"],
        "names": shown["names"],
        "symbols": shown["symbols"],
        "hosts": shown["hosts"],
        "rows": [
            {
                "row": row.row,
                "scenario": row.scenario,
                "title": row.title,
                "section": number,
                **written.get(row.scenario, {}),
            }
            for number, section in enumerate(shown["checklist"])
            for row in section.rows
        ],
        "order": [row.place for section in shown["checklist"] for row in section.rows],
        "earlier": shown["earlier"],
        "of_the_run": NOT_OF_THE_BOT,
        "remedies": remedies_of(looked_at(results)),
        "bot": plain(results["bot"], 200),
        "facts": shown["facts"],
    }
    # Markup: our own files, and JSON that `embedded` has made fit. Everything else is escaped.
    text = (
        environment()
        .get_template(_TEMPLATE)
        .render(
            **shown,
            policy=policy(style, script),
            style=Markup(style),
            script=Markup(script),
            run_json=Markup(embedded(for_script)),
            details=[Markup(detail) for detail in (brief(results) if live else details(folder, results))],
        )
    )
    return text.encode("utf-8", "replace")


@functools.cache  # it keeps its templates compiled: a run that goes on has its page drawn again and again
def environment() -> Environment:
    """What our templates are drawn with: every text is escaped, and a name that is not there is a mistake."""
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(style: str, script: str) -> str:
    """What a browser may do with the page: show it, and run this very script."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def together(names: tuple[str, ...]) -> str:
    """Files of this folder, one after the other."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
