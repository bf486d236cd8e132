"""What a cell of the matrix opens: much of what did not pass, little of what passed, and never more than fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.page.excerpt import excerpts
from fleet_controller.report.page.limits import limits
from fleet_controller.report.page.links import link
from fleet_controller.report.page.plots import POINTS, plots
from fleet_controller.report.page.proofs import proofs
from fleet_controller.report.page.seen import EVIDENCE, Damaged, Seen, read
from fleet_controller.report.page.settings import settings
from fleet_controller.report.page.timeline import timeline
from fleet_controller.report.page.trends import trends
from fleet_controller.untrusted.packed_evidence import unpacked
from fleet_stress.judge.check_list import title
from fleet_stress.judge.left_out import FAULT
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: All details of a page together; the rest of it is a few hundred bytes a cell. Bytes.
BYTES = 9_000_000
#: Who comes first where not all fits.
_ORDER = (FAILED, ERROR, NOT_EXERCISED, KNOWN, PASSED, SKIPPED)
#: Sentences of a kind, their length, and the shorter measure for what every cell has in any case.
SENTENCES, LENGTH = 20, 1_000
_FEW, _SHORT = 3, 300
#: Checks of a row that are listed.
CHECKS = 40
#: Points of a plot where nothing was wrong.
_FEWER_POINTS = POINTS // 2
Detail = dict[str, Any]


def details(folder: Path, results: Mapping[str, Any], most: int = BYTES) -> list[str]:
    """For each host a JSON list with what each of its cells opens, fit to stand in a ``<script>``.

    Args:
        folder: Of the run; evidence is read below it.
        results: The document.
        most: Bytes of all of it together. What has no room keeps its first reasons, and says where the rest lies.
    """
    hosts = [host["scenarios"] for host in results["hosts"].values()]
    texts = [[embedded(_words(scenario)) for scenario in scenarios] for scenarios in hosts]
    spent = sum(_size(item) for some in texts for item in some)
    places = [(number, index) for number, some in enumerate(hosts) for index, _ in enumerate(some)]
    for number, index in sorted(places, key=lambda place: _ORDER.index(hosts[place[0]][place[1]]["verdict"])):
        entry = hosts[number][index]
        if spent >= most:
            whole = embedded({**_words(entry), **_left_out(folder, entry)})
        else:
            whole = embedded(detail(folder, entry))
            if spent + _size(whole) > most:
                whole = embedded({**_words(entry), **_left_out(folder, entry)})
        spent += _size(whole) - _size(texts[number][index])
        texts[number][index] = whole
    return [f"[{','.join(some)}]" for some in texts]


def brief(results: Mapping[str, Any]) -> list[str]:
    """The same of a run that goes on, whose evidence is not here yet."""
    hosts = [host["scenarios"] for host in results["hosts"].values()]
    return [embedded([{**_words(one), "notes": _sentences(one["notes"])} for one in some]) for some in hosts]


def detail(folder: Path, entry: Mapping[str, Any]) -> Detail:
    """What one cell opens, from its entry in the results and the evidence that it names."""
    known = {
        **_words(entry),
        "reasons": _sentences(entry["reasons"]),
        "more": len(entry["reasons"][SENTENCES:]),
        "notes": _sentences(entry["notes"]),
        "known": _sentences([answer["reason"] for answer in entry["known_from_baseline"]]),
        "accepted": _sentences([_accepted(finding) for finding in entry.get("known", ())]),
        "checks": [_check(item) for item in entry.get("checks", ())[:CHECKS]],
        "findings": [_finding(folder, entry, finding) for finding in entry["findings"][:SENTENCES]],
    }
    if entry["evidence"] is None:
        return known
    known["files"] = _files(folder, entry)
    # Of what passed, and that alone is packed, nothing is shown that lies deeper.
    with unpacked(folder / entry["evidence"], deep=False) as evidence:
        try:
            seen = read(evidence)
        except Damaged as problem:
            return {**known, "damaged": str(problem)}
        return {**known, **_of_evidence(folder, entry, evidence, seen)}


def embedded(value: Any) -> str:
    """JSON that can neither end a ``<script>`` nor begin a comment in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for item in "<>&\u2028\u2029":
        text = text.replace(item, f"\\u{ord(item):04x}")
    return text


def _size(text: str) -> int:
    """Bytes that a text has in the page."""
    return len(text.encode("utf-8", "replace"))


def _of_evidence(folder: Path, entry: Mapping[str, Any], evidence: Path, seen: Seen) -> Detail:
    passed = entry["verdict"] in (PASSED, SKIPPED)
    found: Detail = {
        "ended": seen.ended,
        "broke": seen.error,
        "timeline": timeline(seen),
        "proofs": proofs(seen),
        "settings": settings(seen.starts),
        "plots": plots(
            seen.samples,
            _FEWER_POINTS if passed else POINTS,
            trends(entry.get("measures", {})),
            limits(seen, entry.get("checks", ())),
        ),
    }
    if not passed:
        named = [name for finding in entry["findings"] for name in finding["evidence"]]
        found["output"] = [
            {**excerpt, "href": link(folder, entry["evidence"], excerpt["file"])}
            for excerpt in excerpts(evidence, seen, named)
        ]
    return found


def _words(entry: Mapping[str, Any]) -> Detail:
    """What every cell has, whatever there is room for."""
    return {
        "verdict": entry["verdict"],
        "seconds": round(entry["seconds"], 1),
        "repeat": plain(entry["repeat"]),
        "reasons": [in_one_line(plain(reason, _SHORT), _SHORT) for reason in entry["reasons"][:_FEW]],
        "more": len(entry["reasons"][_FEW:]),
    }


def _left_out(folder: Path, entry: Mapping[str, Any]) -> Detail:
    return {"left_out": True, "files": _files(folder, entry) if entry["evidence"] else []}


def _finding(folder: Path, entry: Mapping[str, Any], finding: Mapping[str, Any]) -> Detail:
    names = [str(name) for name in finding["evidence"][:_FEW]]
    return {
        "check": plain(finding["check"], 100),
        "about": in_one_line(plain(finding["subject"], _SHORT), _SHORT),
        "reason": plain(finding["reason"], LENGTH),
        "verdict": finding["verdict"],
        "files": [_file(folder, entry["evidence"], name) for name in names],
    }


def _check(item: Mapping[str, Any]) -> Detail:
    """One line of the list of checks: its state, its name with a fault's, what holds, and what was seen or is wrong."""
    fault = item["arguments"].get("fault") if item["check"] == FAULT else None
    return {
        "state": item["state"],
        "name": plain(item["check"], 100),
        "check": plain(f"{item['check']} {fault}" if fault else item["check"], 100),
        "title": title(item["check"]),
        "why": in_one_line(plain(item.get("seen") or item.get("reason") or "", _SHORT), _SHORT),
    }


def _accepted(finding: Mapping[str, Any]) -> str:
    """A known finding, why it is accepted, and until when."""
    known = finding["known"]
    more = [known["link"], known["expires"] and f"until {known['expires']}"]
    return f"{finding['reason']} (accepted: {'; '.join(filter(None, (known['reason'], *more)))})"


def _files(folder: Path, entry: Mapping[str, Any]) -> list[Detail]:
    """Where the evidence lies: the folder, and the document."""
    known = [
        {"name": plain(entry["evidence"], 300), "href": link(folder, entry["evidence"])},
        _file(folder, entry["evidence"], EVIDENCE),
    ]
    return [item for item in known if item["href"]]


def _file(folder: Path, evidence: str | None, name: str) -> Detail:
    """A file beside the evidence; its address is null where there is none."""
    return {"name": plain(name, 300), "href": link(folder, evidence, name) if evidence else None}


def _sentences(some: list[str]) -> list[str]:
    return [plain(item, LENGTH) for item in some[:SENTENCES]]
