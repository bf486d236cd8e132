"""``metrics.prom``: a run for node_exporter's textfile collector, or whatever reads Prometheus' text format."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from fleet_controller.messages.text import plain
from fleet_controller.runs.host_result import UNREACHABLE, has_result, wrong_with
from fleet_stress.store.verdict import ALL

METRICS = "metrics.prom"


def metrics(results: Mapping[str, Any]) -> bytes:
    """The document for what ``collect`` gathered. No sample has a time of its own: the collector refuses those."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Run(results))
    return bytes(generate_latest(registry))


class _Run(Collector):
    """A run's metrics. Names and units as Prometheus' own guide has them: base units, no plural of a unit.

    All of them name bot and profile, so that one collector can read the files of several.
    """

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._results = results
        self._about = {name: plain(results[name]) for name in ("bot", "profile")}

    def collect(self) -> Iterable[Metric]:
        """All families, each with its help."""
        results, hosts = self._results, self._results["hosts"]
        version = plain(results["versions"].get("fleet_stress", ""))
        about = {**self._about, "run_id": plain(results["run_id"]), "version": version}
        yield InfoMetricFamily("fleet_stress_run", "The run that all of this is of.", about)
        finished = datetime.datetime.fromisoformat(results["finished"]).timestamp()
        yield self._family(
            "fleet_stress_run_finished_timestamp_seconds",
            "When the run was closed, in seconds since the epoch.",
            (),
            (((), finished),),
        )
        yield self._family(
            "fleet_stress_run_duration_seconds", "How long the run took.", (), (((), results["seconds"]),)
        )
        yield self._family(
            "fleet_stress_host_up",
            "Whether the host could be reached, and brought a result.",
            ("host",),
            (((name,), has_result(host) and host["verdict"] != UNREACHABLE) for name, host in hosts.items()),
        )
        yield self._family(
            "fleet_stress_host_problems",
            "What is wrong with the host itself, or was left on it.",
            ("host",),
            (((name,), len(list(wrong_with(name, host)))) for name, host in hosts.items()),
        )
        yield self._family(
            "fleet_stress_scenarios",
            "Scenarios by their verdict.",
            ("host", "verdict"),
            self._counts(),
        )
        yield self._family(
            "fleet_stress_scenario_verdict",
            "1 for the verdict that the scenario has.",
            ("host", "row", "scenario", "verdict"),
            (((*where, entry["verdict"]), 1) for where, entry in self._scenarios()),
        )
        yield self._family(
            "fleet_stress_scenario_duration_seconds",
            "How long the scenario took.",
            ("host", "row", "scenario"),
            ((where, item["seconds"]) for where, item in self._scenarios()),
        )

    def _scenarios(self) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
        for name, host in self._results["hosts"].items():
            for scenario in host["scenarios"]:
                yield (name, scenario["row"], scenario["scenario"]), scenario

    def _counts(self) -> Iterator[tuple[tuple[str, ...], int]]:
        for name, host in self._results["hosts"].items():
            found = [scenario["verdict"] for scenario in host["scenarios"]]
            yield from (((name, word), found.count(word)) for word in ALL)

    def _family(
        self, name: str, what: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
    ) -> Metric:
        family = GaugeMetricFamily(name, what, labels=(*self._about, *labels))
        for words, value in values:
            family.add_metric([*self._about.values(), *map(plain, words)], float(value))
        return family
