"""The formats of a report, in the order that they are written in. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.report.junit import JUNIT, junit
from fleet_controller.report.markdown import SUMMARY, summary
from fleet_controller.report.page import PAGE, page
from fleet_controller.report.prometheus import METRICS, metrics
from fleet_controller.report.samples_csv import SAMPLES, samples

_Results = Mapping[str, Any]


class Format(NamedTuple):
    """One file of a run.

    ``render`` is given the run's folder and the document that ``results.json`` holds; the same two give the same bytes.
    It returns None where there is nothing to write.
    """

    name: str
    what: str
    render: Callable[[Path, _Results], bytes | None]


#: Beside results.json, which all of them are drawn from.
FORMATS = (
    Format(JUNIT, "JUnit", lambda folder, results: junit(results, folder)),
    Format(SUMMARY, "Markdown", lambda _, results: summary(results)),
    Format(METRICS, "Prometheus", lambda _, results: metrics(results)),
    Format(SAMPLES, "samples", samples),
    Format(PAGE, "page", lambda folder, results: page(folder, results, results.get("earlier"))),
)
