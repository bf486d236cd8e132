"""What did not pass last time, on each host: what ``-e scenarios=failed`` means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.messages.errors import UserError
from fleet_controller.results.finished_run import Finished, read
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.repeat_command import URGENT
from fleet_controller.runs.run_folder import FINISHED, known_runs
from fleet_stress.store.verdict import SKIPPED

#: So many runs are looked through at most: whoever repeats single rows leaves many.
_RUNS = 20


def last_failures(results_dir: Path, bot: str, profile: str, hosts: Collection[str]) -> dict[str, list[str]]:
    """By host, the scenarios whose newest verdict is not green, over the runs of this bot and profile.

    A run of a few rows says nothing of the others, so earlier runs are asked about those, back to the newest one of the
    most rows that all the hosts took part in.

    Raises UserError where no such run is known.
    """
    newest: dict[str, dict[str, str]] = {host: {} for host in hosts}
    looked = False
    for run in _runs(results_dir, bot, profile, hosts):
        looked = True
        for host in newest.keys() & run.results["hosts"].keys():
            for scenario, verdict in _ran(run.results["hosts"][host]):
                newest[host].setdefault(scenario, verdict)
    if not looked:
        why = f"no run of bot {bot} with profile {profile} has a result of these hosts"
        do = "run all of them first: -e scenarios=all"
        raise UserError("it is not known what failed last time", str(results_dir), why, do)
    return {
        host: sorted(name for name, verdict in found.items() if verdict in URGENT)
        for host, found in newest.items()
    }


def _runs(results_dir: Path, bot: str, profile: str, hosts: Collection[str]) -> Iterator[Finished]:
    """The newest first, as far back as they are needed; what cannot be read is passed over."""
    alike = [run for run in known_runs(results_dir) if _alike(run, bot, profile, set(hosts))][:_RUNS]
    most = max((len(run["scenarios"]) for run in alike), default=0)
    for run in alike:
        try:
            found = read(results_dir / run["run_id"])
        except UserError:
            continue
        there = {name for name, host in found.results["hosts"].items() if has_result(host)}
        if not there & set(hosts):
            continue
        yield found
        if len(run["scenarios"]) == most and there >= set(hosts) and _is_whole(found):
            return


def _is_whole(run: Finished) -> bool:
    return not any(entry.get("not_asked") for host in run.results["hosts"].values() for entry in host["scenarios"])


def _alike(run: Mapping[str, Any], bot: str, profile: str, hosts: set[str]) -> bool:
    lists = all(isinstance(run.get(word), list) for word in ("hosts", "scenarios"))
    same = (run.get("state"), run.get("bot"), run.get("profile")) == (FINISHED, bot, profile)
    return same and lists and bool(hosts & set(map(str, run["hosts"])))


def _ran(host: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for scenario in host["scenarios"] if has_result(host) else ():
        if scenario["verdict"] != SKIPPED:
            yield scenario["scenario"], scenario["verdict"]
