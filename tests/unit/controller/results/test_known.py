"""Known findings: what the list names is green, masks nothing, and has to go when it is gone."""

import json

import pytest
from fleet_controller.catalogue import schema
from fleet_controller.report.report import FAIL_ON, complaint
from fleet_controller.results.known import KnownFindings, gone, matches
from jsonschema import Draft202012Validator

from fleet_stress.judge.settle import with_verdict

DAY = "2026-11-30"
EXIT = {"check": "exit_code", "subject": "terminated", "reason": "exit code 1", "verdict": "failed", "evidence": []}
TRACE = {**EXIT, "check": "no_traceback", "subject": "KeyError at main.py", "reason": "KeyError"}
UNPROVED = {**EXIT, "check": "fault", "subject": "fill", "reason": "no write met it", "verdict": "not_exercised"}


def listed(*findings, rows=("3.1",), scenarios=("sigterm",), **more):
    """A list with an entry for each finding."""
    usual = {"link": None, "expires": None, "strict": True, "reason": "v2 repairs it"}
    about = ("check", "subject", "verdict")
    return {
        "file": "bots/tiny.known.yml",
        "entries": [
            {**usual, **{word: item[word] for word in about}, "rows": list(rows), "scenarios": list(scenarios), **more}
            for item in findings
        ],
    }


def checks(findings=(), masked=(), held=("state_valid",)):
    """The list of a row's checks, from what was found."""
    states = [(item, "failed" if item["verdict"] == "failed" else "not_proved") for item in findings]
    states += [(item, "masked") for item in masked]
    lines = [{"check": "steps", "arguments": {}, "state": "held"}]
    lines += [{"check": name, "arguments": {}, "state": "held"} for name in held]
    return lines + [
        {"check": item["check"], "arguments": {}, "state": state, "reason": item["reason"], "subjects": [item["subject"]]}
        for item, state in states
    ]


def row(scenario, *findings, masked=(), number="3.1", **more):
    """An entry of the results, before any list."""
    entry = {"scenario": scenario, "row": number, "checks": checks(findings, masked), "measures": {}, **more}
    return with_verdict(entry, list(findings), list(masked))


def settle(known, *rows, day=DAY):
    return KnownFindings(known, day).settle(rows)


def told(known, *hosts, day=DAY):
    """What becomes of the list; each of ``hosts`` is the rows of one."""
    of_run = KnownFindings(known, day)
    named = {f"h{n}": {"scenarios": of_run.settle(rows)} for n, rows in enumerate(hosts)}
    return of_run.told(named)


def states(entry):
    return {item["check"]: item["state"] for item in entry["checks"]}


def test_without_a_list_nothing_changes():
    rows = [row("sigterm", EXIT)]
    assert settle(None, *rows) == rows
    assert told(None, rows) is None


def test_what_is_on_the_list_is_known_with_its_reason_and_stays_to_be_read():
    (entry,) = settle(listed(EXIT, link="https://x/7"), row("sigterm", EXIT))
    assert (entry["verdict"], entry["findings"]) == ("known", [])
    assert entry["reasons"] == ["known (v2 repairs it): exit code 1"]
    assert entry["known"][0]["known"] == {
        **{"number": 0, "reason": "v2 repairs it", "link": "https://x/7", "expires": None}
    }
    assert states(entry) == {"steps": "held", "state_valid": "held", "exit_code": "known"}


def test_what_is_not_on_it_fails_beside_it():
    (entry,) = settle(listed(EXIT), row("sigterm", EXIT, TRACE))
    assert (entry["verdict"], entry["reasons"]) == ("failed", ["KeyError"])
    assert [item["check"] for item in entry["known"]] == ["exit_code"]


@pytest.mark.parametrize(
    "other",
    [
        {"scenarios": ("sigint",)},
        {"subject": "finished"},
        {"check": "stopped_within"},
        {"verdict": "not_exercised"},
    ],
)
def test_another_row_subject_check_or_verdict_is_not_covered(other):
    (entry,) = settle(listed(EXIT, **other), row("sigterm", EXIT))
    assert entry["verdict"] == "failed"


def test_what_was_not_proved_covers_no_failure():
    known = listed(UNPROVED)
    (unproved,) = settle(known, row("sigterm", UNPROVED))
    assert unproved["verdict"] == "known"
    (failed,) = settle(known, row("sigterm", {**UNPROVED, "verdict": "failed"}))
    assert failed["verdict"] == "failed"


def test_a_known_finding_of_the_baseline_masks_no_other_row():
    """Today's 42 of 60 rows: each is judged by all the rest of its checks."""
    known = listed(TRACE, rows=("0",), scenarios=("baseline",))
    rows = [
        row("baseline", TRACE, number="0"),
        row("sigterm", masked=[TRACE]),
        row("sigint", EXIT, masked=[TRACE], number="3.2"),
        row("fill", UNPROVED, masked=[TRACE], number="1.4"),
    ]
    assert [entry["verdict"] for entry in rows] == ["failed", "not_exercised", "failed", "not_exercised"]
    settled = settle(known, *rows)
    assert [entry["verdict"] for entry in settled] == ["known", "known", "failed", "not_exercised"]
    assert settled[2]["reasons"] == ["exit code 1"]
    assert settled[3]["reasons"] == ["no write met it"]
    assert states(settled[1])["no_traceback"] == "known"


def test_a_mask_of_which_a_part_is_not_on_the_list_stays():
    """``little_lost`` is excused by itself and by ``continuity``: here both failed in the baseline."""
    lost = {**EXIT, "check": "little_lost", "subject": "ledger"}
    without = {**lost, "check": "continuity"}
    known = listed(lost, rows=("0",), scenarios=("baseline",))
    settled = settle(known, row("baseline", lost, without, number="0"), row("sigterm", masked=[lost]))
    assert [entry["verdict"] for entry in settled] == ["failed", "not_exercised"]


def test_an_error_of_ours_is_no_finding_of_the_bot():
    error = {**row("sigterm"), "verdict": "error", "reasons": ["no arena"]}
    assert settle(listed(EXIT), error) == [error]


def test_what_has_expired_counts_again_and_says_until_when_it_did_not():
    known = listed(EXIT, expires="2026-11-30")
    assert settle(known, row("sigterm", EXIT), day="2026-11-30")[0]["verdict"] == "known"
    (entry,) = settle(known, row("sigterm", EXIT), day="2026-12-01")
    assert (entry["verdict"], entry["reasons"]) == ("failed", ["known until 2026-11-30 (v2 repairs it): exit code 1"])
    assert told(known, [row("sigterm", EXIT)], day="2026-12-01")["entries"][0]["state"] == "expired"


def test_advice_that_is_known_is_known():
    advice = {**row("sigterm", EXIT), "advice": True}
    (entry,) = settle(listed(EXIT), advice)
    assert entry["verdict"] == "known"
    assert "advice" not in entry
    (still,) = settle(listed(EXIT), {**row("sigterm", EXIT, TRACE), "advice": True})
    assert still["reasons"] == ["advice, beyond the stress plan: KeyError"]


HELD = {**row("sigterm"), "checks": checks(held=("state_valid", "exit_code"))}


def test_what_is_no_longer_found_has_to_go():
    """The check was asked, and held: the entry would hide it if it came back."""
    of_run = told(listed(EXIT), [HELD])
    assert (of_run["entries"][0]["state"], of_run["entries"][0]["gone"]) == (
        *("gone", [{"row": "3.1", "scenario": "sigterm"}]),
    )
    assert list(gone({"known": of_run})) == [
        "known finding exit_code 'terminated' is no longer found in 3.1 sigterm:"
        " remove it from bots/tiny.known.yml (make accept does)"
    ]


@pytest.mark.parametrize(
    "hosts",
    [
        [[HELD], [row("sigterm", EXIT)]],  # found on another host
        [[HELD], [row("sigterm", masked=[EXIT])]],
        [[row("sigint")]],  # its row was not asked for
        [[{**HELD, "verdict": "error"}]],
        [[{**HELD, "verdict": "skipped"}]],
        [[{**HELD, "checks": [{"check": "exit_code", "arguments": {}, "state": "not_proved"}]}]],
        [[{**HELD, "checks": [{"check": "steps", "arguments": {}, "state": "failed"}, *HELD["checks"][1:]]}]],
        [[{**HELD, "checks": [*HELD["checks"], {"check": "fault", "arguments": {}, "state": "not_proved"}]}]],
    ],
)
def test_what_was_found_elsewhere_or_not_looked_for_is_not_gone(hosts):
    assert told(listed(EXIT), *hosts)["entries"][0]["gone"] == []


def test_what_comes_and_goes_or_was_not_proved_may_be_gone():
    of_run = told(listed(EXIT, strict=False), [HELD])
    assert of_run["entries"][0]["gone"] == [{"row": "3.1", "scenario": "sigterm"}]
    assert list(gone({"known": of_run})) == []


@pytest.mark.parametrize(("visited", "is_gone"), [(12, True), (7, False)])
def test_a_crash_point_is_gone_only_where_every_point_was_visited(visited, is_gone):
    point = {**EXIT, "check": "visit", "subject": "kill:before-rename-state"}
    lines = [{"check": "visit", "arguments": {}, "state": "held"}]
    entry = {**row("sigterm"), "checks": lines, "measures": {"points": {"known": 12, "visited": visited}}}
    assert bool(told(listed(point), [entry])["entries"][0]["gone"]) is is_gone


@pytest.mark.parametrize(
    ("pattern", "text", "is_one"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("KeyError*", "KeyError: 3 at main.py", True),
        ("*.json", "state/x.json", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("ab*ba", "aba", False),
        ("*", "", True),
    ],
)
def test_a_star_stands_for_any_text(pattern, text, is_one):
    assert matches(pattern, text) is is_one


def test_a_long_text_of_a_host_is_compared_in_no_time():
    assert not matches("*".join("aaaaaaaaaaaaaaaaaaaa") + "b", "a" * 200_000)


def with_list(run, known):
    """The run, begun with a list."""
    path = run.folder / "compiled.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "known": known}), encoding="utf-8")


def brings(run, host, **of_scenarios):
    """A host's result with findings and checks of some scenarios."""
    result = run.comes_back(host)
    for entry in result["scenarios"]:
        findings = of_scenarios.get(entry["scenario"], ())
        entry.update(with_verdict(entry, list(findings), []), checks=checks(findings, held=("exit_code",)))
    run.brings(host, json.dumps(result))


def test_the_whole_way_red_known_green_mended_red(run):
    run.begin("h1")
    brings(run, "h1", sigkill_restart=[EXIT])
    red = run.collect()
    assert complaint(red, FAIL_ON, "x").startswith("FAILED: 1 failed; ")

    with_list(run, listed(EXIT, rows=("3.3",), scenarios=("sigkill_restart",)))
    green = run.collect()
    Draft202012Validator(schema.stored("results")).validate(green)
    assert (green["verdict"], green["counts"]["known"], green["counts"]["failed"]) == ("known", 1, 0)
    assert complaint(green, FAIL_ON, "x") is None
    assert complaint(green, ("known",), "x").startswith("FAILED: 1 known; ")

    brings(run, "h1")
    mended = run.collect()
    Draft202012Validator(schema.stored("results")).validate(mended)
    assert mended["verdict"] == "failed"
    assert mended["counts"]["failed"] == 0
    assert "remove it from bots/tiny.known.yml" in complaint(mended, FAIL_ON, "x")
    assert complaint(mended, ("error",), "x") is None
