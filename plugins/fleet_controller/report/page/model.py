"""What the page says at once, worked out of ``results.json``: the summary, the matrix, and what did not pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.page.durations import shares, slowest
from fleet_controller.report.page.live_words import live_headline, live_summary
from fleet_controller.report.page.sections import sections
from fleet_controller.report.page.told_causes import told_causes
from fleet_controller.report.page.words import NAMES, SYMBOLS, facts, headline, moment, platform, remarks
from fleet_controller.report.run_summary import summary, verdict_of_run
from fleet_controller.report.run_table import heads
from fleet_controller.results.by_platform import platform_lines
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.verdict_counts import RUNNING, WAITS, WORDS
from fleet_stress.store.verdict import ALL, ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: So many different things that did not pass are told one by one; the matrix has all of them.
MISSES = 60
#: Up to so many hosts a cell has room for the verdict's word; above that for its symbol.
WIDE = 4
#: From so many on its cells are as small as a finger or a mouse still hits.
DENSE = 36
#: Hosts with problems that are told one by one, and cells of a comparison.
TROUBLED, COMPARED = 25, 40
#: Causes that are told one by one.
CAUSES = 30
_REASON = 400
#: What a comparison has, and what it is called; the worst first.
_COMPARED = {
    "new": "New failures",
    "unknown": "No longer exercised",
    "fixed": "No longer failing",
    "still": "Still failing",
}


def model(
    results: Mapping[str, Any], earlier: Mapping[str, Any] | None, live: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """All that the template names; ``live``: of a run that goes on, as ``page`` has it. Nothing is read from disk."""
    short = heads([plain(name, 200) for name in results["hosts"]])
    checklist = sections(results, short)
    hosts = [
        {**_host(name, host), "short": item}
        for (name, host), item in zip(results["hosts"].items(), short, strict=True)
    ]
    index = {item["name"]: number for number, item in enumerate(hosts)}
    troubled = [item for item in hosts if item["remarks"]]
    misses = list(_misses(results))
    skips = [miss for miss in misses if miss["verdict"] == SKIPPED]
    misses = [miss for miss in misses if miss["verdict"] != SKIPPED]
    causes = list(told_causes(results))
    return {
        "title": f"{results['run_id']}: {NAMES[results['verdict']]}",
        "run_id": plain(results["run_id"], 120),
        "verdict": verdict_of_run(results),
        "live": live,
        "headline": live_headline(results) if live else headline(results, checklist),
        "summary": live_summary(results) if live else summary(results),
        "shares": shares(results),
        "causes": causes[:CAUSES],
        "more_causes": len(causes[CAUSES:]),
        "slowest": slowest(results),
        "repeat": plain(results.get("repeat") or ""),
        "by_platform": list(platform_lines(results)),
        "facts": facts(results),
        "words": [
            (word, NAMES[word], results["counts"].get(word, 0))
            for word in (*WORDS, RUNNING, WAITS)
            if word not in (KNOWN, RUNNING, WAITS) or results["counts"].get(word)
        ],
        "names": NAMES,
        "symbols": SYMBOLS,
        "checklist": checklist,
        "hosts": hosts,
        "platforms": sorted({item["platform"] for item in hosts}),
        "pythons": sorted({item["python"] for item in hosts if item["python"]}),
        "wide": len(hosts) <= WIDE,
        "dense": len(hosts) > DENSE,
        # Of one host there is room for the reason beside the verdict.
        "firsts": _firsts(results) if len(hosts) == 1 else {},
        "troubled": troubled[:TROUBLED],
        "more_troubled": len(troubled[TROUBLED:]),
        "misses": misses[:MISSES],
        "more_misses": len(misses[MISSES:]),
        "skips": skips[:MISSES],
        "earlier": _earlier(earlier, index) if earlier else None,
    }


def _host(name: str, host: Mapping[str, Any]) -> dict[str, Any]:
    system = host["system"] or {}
    return {
        "name": plain(name, 200),
        "verdict": host["verdict"],
        "platform": platform(host),
        "python": plain(system.get("python", ""), 40),
        "distribution": plain(system.get("distribution", ""), 200),
        "release": plain(system.get("release", ""), 100),
        "engine": plain(host["engine"] or "", 40),
        "seconds": host["seconds"],
        "remarks": remarks(name, host),
        "has_result": has_result(host),
        "verdicts": [scenario["verdict"] for scenario in host["scenarios"]],
    }


def _firsts(results: Mapping[str, Any]) -> dict[int, str]:
    """The first reason of each row, on the only host."""
    (host,) = results["hosts"].values()
    return {
        index: in_one_line(scenario["reasons"][0], _REASON)
        for index, scenario in enumerate(host["scenarios"])
        if scenario["reasons"] and scenario["verdict"] != PASSED
    }


def _misses(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What did not pass or was skipped, the same thing on several hosts once: the gravest first, then as in the plan.

    What a host that was not there did not run is told where the host is.
    """
    found: dict[tuple[int, int, str], dict[str, Any]] = {}
    order = (FAILED, ERROR, NOT_EXERCISED, KNOWN, SKIPPED)
    for number, (name, host) in enumerate(results["hosts"].items()):
        for index, scenario in enumerate(host["scenarios"] if has_result(host) else ()):
            if scenario["verdict"] in (PASSED, RUNNING, WAITS) or scenario.get("not_asked"):
                continue
            reasons = [in_one_line(reason, _REASON) for reason in scenario["reasons"][:4]]
            key = (order.index(scenario["verdict"]), index, "".join(reasons[:1]))
            known = found.setdefault(
                key,
                {
                    **{word: scenario[word] for word in ("verdict", "row", "scenario", "title")},
                    "reasons": reasons,
                    "more": len(scenario["reasons"][4:]),
                    "repeat": plain(scenario["repeat"]),
                    "index": index,
                    "hosts": [],
                },
            )
            known["hosts"].append((number, plain(name, 200)))
    for key in sorted(found):
        yield found[key]


def _earlier(earlier: Mapping[str, Any], index: Mapping[str, int]) -> dict[str, Any]:
    """The comparison with an earlier run, as ``earlier.py`` has it: what is new comes first."""
    groups = []
    for word, title in _COMPARED.items():
        some = list(earlier.get(word) or ())
        shown = [
            {
                "host": plain(answer["host"], 200),
                "there": plain(answer["host"], 200) in index,
                "row": plain(answer["row"], 20),
                "scenario": plain(answer["scenario"], 80),
                "title": plain(answer["title"], 200),
                "old": answer["old"] if answer["old"] in ALL else None,
                "new": answer["new"] if answer["new"] in ALL else None,
                "reason": in_one_line(plain(answer.get("reason") or ""), _REASON),
            }
            for answer in some[:COMPARED]
        ]
        groups.append({"word": word, "title": title, "count": len(some), "items": shown})
    return {
        "run_id": plain(earlier["run_id"], 120),
        "finished": moment(str(earlier.get("finished") or "")),
        "groups": groups,
    }
