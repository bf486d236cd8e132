"""``junit.xml``: a suite a host, a case a scenario, for what reads such files (GitHub, GitLab, Jenkins).

Jenkins takes what stands before a class name's last dot for the package, and GitLab compares runs by class
name and name over all suites: hence ``row_1_3A.corrupt_state``, and the host in every name. What is
written is valid by the schema of Jenkins' xunit-plugin (``junit-10.xsd``) and Ant's order of elements alike.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.page.excerpt import excerpts
from fleet_controller.report.page.seen import Damaged, read
from fleet_controller.results.known import gone
from fleet_controller.runs.host_result import UNREACHABLE, has_result, wrong_with
from fleet_controller.untrusted.packed_evidence import unpacked
from fleet_stress.judge.left_out import FAULT
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, SKIPPED

JUNIT = "junit.xml"
#: Name and class name of the case that says what is wrong with a host itself.
HOST = "host"
#: Name of the suite that says what is to be removed from the list of known findings.
LIST = "known findings"
#: An attribute is shown as a headline; the text below it has everything. Characters.
_HEADLINE = 300
#: Nothing proved is nothing to be content with: where there are only failures, it is one of its own type.
_KINDS = {FAILED: Failure, NOT_EXERCISED: Failure, KNOWN: Skipped, SKIPPED: Skipped, ERROR: Error}
#: Verdicts of which what the bot said is told.
_TOLD = (FAILED, NOT_EXERCISED, ERROR)
_NO_REASON = "no reason was given"
#: Of times: a schema allows no more. Digits after the point.
_DIGITS = 3


def junit(results: Mapping[str, Any], folder: Path | None = None) -> bytes:
    """The document for what ``collect`` gathered. The same results give the same bytes.

    ``folder``: the run's, whose evidence a case that failed is told from.
    """
    xml = JUnitXml(f"fleet-stress {results['run_id']}")
    for name, host in results["hosts"].items():
        xml.add_testsuite(_suite(plain(name), host, _about(results), folder))
    stale = [_gone(sentence, number) for number, sentence in enumerate(gone(results), start=1)]
    if stale:
        suite = TestSuite(LIST)
        suite.add_testcases(stale)
        xml.add_testsuite(suite)
    xml.update_statistics()
    # The root has no such attribute, for those who look closely; each suite has it.
    xml._elem.attrib.pop("skipped", None)
    for item in (xml, *xml):
        item.time = round(item.time, _DIGITS)
    stream = io.BytesIO()
    xml.write(stream, pretty=True)
    return stream.getvalue()


def _about(results: Mapping[str, Any]) -> dict[str, str]:
    """What is the same for all hosts of a run; only a suite can have properties."""
    run = {word: plain(results[word]) for word in ("run_id", "bot", "profile")}
    ref = results["bot_source"].get("ref")
    return {**run, **({"bot_ref": plain(ref)} if ref else {})}


def _suite(name: str, host: Mapping[str, Any], about: Mapping[str, str], folder: Path | None) -> TestSuite:
    suite = TestSuite(name)
    suite.hostname = name
    if host["started"]:
        suite.timestamp = host["started"].removesuffix("+00:00")  # Ant's schema knows no zone
    for word, value in {**about, "engine": host["engine"], **(host["system"] or {})}.items():
        if value:
            suite.add_property(word, value)
    wrong = list(wrong_with(name, host))
    if wrong:
        whole = [host["problem"]] if host["problem"] and not has_result(host) else []
        case = TestCase(f"{HOST} [{name}]", HOST, 0.0)
        # To a reader of such files an error; of a type of its own where nobody was there.
        case.result = [_result(ERROR, wrong, whole, UNREACHABLE if host["verdict"] == UNREACHABLE else ERROR)]
        suite.add_testcase(case)
    # Without a result there is one thing to say, and not the same thing for every scenario.
    for entry in host["scenarios"] if has_result(host) else ():
        suite.add_testcase(_case(name, entry, folder))
    return suite


def _case(host: str, entry: Mapping[str, Any], folder: Path | None) -> TestCase:
    package = f"row_{entry['row'].replace('.', '_')}"
    seconds = round(entry["seconds"], _DIGITS)
    case = TestCase(f"{entry['title']} [{host}]", f"{package}.{entry['scenario']}", seconds)
    evidence = [f"evidence: {entry['evidence']}"] if entry["evidence"] else []
    output = [*map(_checked, entry.get("checks", ())), *entry["notes"]]
    if entry["verdict"] in _KINDS:
        again = [f"again: {entry['repeat']}"]
        # What failed as advice is no failure to whoever counts them.
        kind = SKIPPED if entry.get("advice") else entry["verdict"]
        case.result = [_result(kind, entry["reasons"], [*evidence, *again])]
        output += _said(entry, folder) if folder and entry["verdict"] in _TOLD else []
    else:
        output += evidence
    if output:
        case.system_out = "\n".join(output)
    return case


def _said(entry: Mapping[str, Any], folder: Path) -> list[str]:
    """What the bot said around the failure, as the page shows it."""
    if not entry["evidence"]:
        return []
    with unpacked(folder / entry["evidence"]) as evidence:
        try:
            seen = read(evidence)
        except Damaged:
            return []
        named = [name for finding in entry["findings"] for name in finding["evidence"]]
        return [f"\n{found['file']}:\n{found['text']}" for found in excerpts(evidence, seen, named)[:1]]


def _checked(item: Mapping[str, Any]) -> str:
    """A check and what became of it: ``held: exit_code (exit code 0)``."""
    about = item["arguments"].get("fault") if item["check"] == FAULT else None
    name = f"{item['check']} {plain(about)}" if about else item["check"]
    why = item.get("seen") or item.get("reason")
    return plain(f"{item['state']}: {name}{f' ({in_one_line(why, _HEADLINE)})' if why else ''}")


def _gone(sentence: str, number: int) -> TestCase:
    """What a list names that is no longer found."""
    case = TestCase(f"{LIST} {number}", LIST.replace(" ", "_"), 0.0)
    case.result = [_result(FAILED, [plain(sentence)], [])]
    return case


def _result(verdict: str, reasons: list[str], more: list[str], kind: str | None = None) -> Any:
    reasons = reasons or [_NO_REASON]
    result = _KINDS[verdict](in_one_line(reasons[0], _HEADLINE), kind or verdict)
    result.text = "\n".join([*reasons, *more])
    return result
