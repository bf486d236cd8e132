"""junit.xml, read back by a library, and looked at as the schemas of Jenkins' xunit-plugin and of Ant do."""

import json
import re
from xml.etree import ElementTree

from fleet_controller.report.junit import junit
from junitparser import JUnitXml

#: By element: attributes that must be there, those that may, and children in the only order that all readers take.
RULES = {
    "testsuites": ({"name"}, {"tests", "failures", "errors", "time"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped", "time", "timestamp", "hostname"},
        ["properties", "testcase"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["failure", "error", "skipped", "system-out"]),
    **{kind: ({"type", "message"}, set(), []) for kind in ("failure", "error", "skipped")},
    "system-out": (set(), set(), []),
}
FORMS = {
    "time": r"\d+\.\d{1,3}",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    **dict.fromkeys(("tests", "failures", "errors", "skipped"), r"\d+"),
}


def breaches(element):
    """What a strict reader has against an element and what is in it."""
    must, may, order = RULES[element.tag]
    if not must <= set(element.attrib) <= must | may:
        yield f"{element.tag} has {sorted(element.attrib)}"
    for name, value in element.attrib.items():
        if not re.fullmatch(FORMS.get(name, ".+"), value, re.DOTALL):
            yield f"{element.tag}: {name} is {value!r}"
    children = [item.tag for item in element]
    if not set(children) <= set(order) or children != sorted(children, key=order.index):
        yield f"{element.tag} holds {children}"
    for item in element:
        yield from breaches(item) if item.tag in RULES else ()


def read(results):
    return JUnitXml.fromstring(junit(results))


def cases(results):
    return {case.classname: case for suite in read(results) for case in suite}


def test_the_counts_are_those_of_the_run(run):
    run.begin("h1", "h2")
    run.comes_back(
        "h1", corrupt_state=("not_exercised", "nothing was met"), sigkill_restart=("failed", "exited 1")
    )
    run.comes_back("h2", corrupt_state=("skipped", "no state"), sigkill_restart=("error", "the arena died"))
    xml = read(run.collect())
    assert (xml.tests, xml.failures, xml.errors) == (6, 2, 1)
    assert [(suite.name, suite.tests, suite.skipped) for suite in xml] == [("h1", 3, 0), ("h2", 3, 1)]


def test_strict_readers_have_nothing_against_it(run):
    run.begin("h1", "h2", "h3", 'h"4<&>\x1b')
    run.comes_back(
        "h1", corrupt_state=("not_exercised", "nothing was met"), sigkill_restart=("failed", "<&>\x00 ]]>")
    )
    run.comes_back(
        "h2", changes={"seconds": 1.23456789}, sigkill_restart=("error", "x"), corrupt_state=("skipped", "y")
    )
    document = junit(run.collect({"h3": "UNREACHABLE"}, {"h1": ["a process lives"]}, unreachable=["h3"]))
    root = ElementTree.fromstring(document)
    assert list(breaches(root)) == []
    assert root[1].get("timestamp") == "2026-11-24T14:12:00", "in UTC"
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names), "of two with the same names GitLab ignores one"


def test_a_case_can_be_found_again(run):
    run.begin("h1")
    run.comes_back("h1")
    found = cases(run.collect())
    assert list(found) == ["row_0.baseline", "row_1_3A.corrupt_state", "row_3_3.sigkill_restart"]
    assert found["row_3_3.sigkill_restart"].name == "Recovers from SIGKILL in mid-cycle [h1]"
    assert found["row_3_3.sigkill_restart"].time == 4.2


def test_a_failure_says_why_where_and_how_to_see_it_again(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("failed", "start 2 exited 1", "state.json is no JSON"))
    results = run.collect()
    (failure,) = cases(results)["row_3_3.sigkill_restart"].result
    assert (failure.type, failure.message) == ("failed", "start 2 exited 1")
    assert failure.text.split("\n") == [
        "start 2 exited 1",
        "state.json is no JSON",
        "evidence: hosts/h1/evidence/sigkill_restart",
        f"again: {results['hosts']['h1']['scenarios'][2]['repeat']}",
    ]


def test_what_passed_leads_to_its_evidence(run):
    run.begin("h1")
    run.comes_back("h1")
    assert cases(run.collect())["row_0.baseline"].system_out == "evidence: hosts/h1/evidence/baseline"


def test_a_suite_says_what_was_run(run):
    run.begin("h1")
    run.comes_back("h1")
    (suite,) = read(run.collect())
    told = {item.name: item.value for item in suite.properties()}
    assert {
        "run_id": run.run_id,
        "bot": "reference",
        "profile": "smoke",
        "bot_ref": "v1",
    }.items() <= told.items()
    assert told["system"] == "Linux"


def test_what_proved_nothing_is_a_failure_of_its_own_type(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("not_exercised", "the fault did not bite"))
    (failure,) = cases(run.collect())["row_3_3.sigkill_restart"].result
    assert failure.type == "not_exercised"


def test_what_was_skipped_says_why(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("skipped", "no state (to enable it: name one)"))
    case = cases(run.collect())["row_3_3.sigkill_restart"]
    assert case.is_skipped
    assert case.result[0].message == "no state (to enable it: name one)"


def test_a_host_without_a_result_is_one_error(run):
    run.begin("h1", "h2")
    run.comes_back("h1")
    suites = {suite.name: suite for suite in read(run.collect({"h2": "UNREACHABLE"}))}
    (case,) = suites["h2"]
    assert (case.classname, case.name, case.is_error) == ("host", "host [h2]", True)
    assert case.result[0].text == "not run (3 rows): UNREACHABLE\nUNREACHABLE"


def test_what_is_wrong_with_a_host_is_red_beside_its_scenarios(run):
    run.begin("h1")
    run.comes_back("h1", changes={"leftovers": [{"kind": "undo", "what": "mount /x"}]})
    xml = read(run.collect(verify={"h1": ["a process lives"]}))
    assert (xml.tests, xml.errors) == (4, 1)
    (error,) = next(iter(next(iter(xml)))).result
    assert error.text == "left behind: mount /x\nfound afterwards: a process lives"


def test_no_host_at_all_is_still_a_document(run):
    run.begin()
    assert read(run.collect()).tests == 0


def test_no_text_of_a_host_breaks_it(run):
    run.begin("h1")
    everything = "".join(map(chr, range(0x110)))
    hostile = f"]]></failure><testcase/>{everything}\ud800\ufffe\uffff"
    run.comes_back("h1", sigkill_restart=("failed", hostile))
    xml = read(run.collect())
    assert xml.tests == 3
    (failure,) = list(next(iter(xml)))[2].result
    assert failure.text.startswith("]]></failure><testcase/>\\x00\\x01")
    assert "\\ud800\\ufffe\\uffff" in failure.text


def test_the_same_results_give_the_same_bytes(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("failed", "a" * 100_000))
    assert junit(run.collect()) == junit(run.collect())
    assert len(junit(run.collect())) < 10_000


def test_a_case_that_failed_shows_what_the_bot_said(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("failed", "exited 1"), corrupt_state=("passed",))
    for name in ("sigkill_restart", "corrupt_state"):
        folder = run.folder / "hosts/h1/evidence" / name
        start = {
            "n": 1,
            "at": 0.0,
            "stdout": "start-01.out",
            "stderr": "start-01.err",
            "cycles": [],
            "signals": [],
        }
        (folder / "evidence.json").write_text(json.dumps({"starts": [start]}))
        (folder / "start-01.err").write_text(
            "a line\nTraceback (most recent call last):\n  x\x1b[31m\nValueError: y\n"
        )
    document = junit(run.collect(), run.folder)
    assert list(breaches(ElementTree.fromstring(document))) == []
    shown = {
        case.classname: case.system_out or "" for suite in JUnitXml.fromstring(document) for case in suite
    }
    assert (
        "start-01.err:" in shown["row_3_3.sigkill_restart"]
        and "ValueError: y" in shown["row_3_3.sigkill_restart"]
    )
    assert "start-01.err" not in "".join(text for name, text in shown.items() if "sigkill" not in name)
