"""From a run to the list: what is new is added, what is gone is removed, and the next run is green."""

from fleet_controller.catalogue.known_findings import in_yaml
from fleet_controller.catalogue.located_yaml import read
from fleet_controller.results.accept import accept
from fleet_controller.results.known import KnownFindings

from tests.unit.controller.results.test_known import DAY, EXIT, HELD, TRACE, UNPROVED, listed, row


def run_of(*rows, known=None):
    """A run's results, as far as accepting reads them."""
    of_run = KnownFindings(known, DAY)
    hosts = {"h1": {"engine": "0.1.0", "scenarios": of_run.settle(rows)}}
    return {"run_id": "r1", "hosts": hosts, "known": of_run.told(hosts)}


def as_read(accepted):
    """The list as the next run reads it. ``sigterm`` is row 3.1 here, the baseline 0."""
    ids = {"0": "baseline", "3.1": "sigterm", "3.2": "sigint"}
    usual = {"seen": None, "link": None, "expires": None, "strict": True}
    entries = [{**usual, **entry, "scenarios": [ids[word] for word in entry["rows"]]} for entry in accepted.entries]
    return {"file": "x.known.yml", "entries": entries}


def test_a_finding_of_several_rows_is_one_entry_and_the_next_run_is_green():
    rows = [
        row("baseline", TRACE, number="0"),
        row("sigterm", EXIT, masked=[TRACE]),
        row("sigint", EXIT, UNPROVED, number="3.2"),
    ]
    accepted = accept(run_of(*rows), [])
    assert [(entry["check"], entry["rows"]) for entry in accepted.entries] == [
        ("no_traceback", ["0"]),
        ("exit_code", ["3.1", "3.2"]),
        ("fault", ["3.2"]),
    ]
    assert (accepted.entries[1]["reason"], accepted.entries[1]["seen"]) == ("found in run r1", "exit code 1")
    assert accepted.left == []
    settled = KnownFindings(as_read(accepted), DAY).settle(rows)
    assert {entry["verdict"] for entry in settled} == {"known"}


def test_what_is_gone_is_removed_and_what_a_person_wrote_stays():
    known = listed(EXIT, rows=("3.1", "3.2"), scenarios=("sigterm", "sigint"), link="https://x/7")
    results = run_of(HELD, row("sigint", EXIT, number="3.2"), known=known)
    # On the list the finding is one of both rows, and the other row still finds it.
    accepted = accept(results, known["entries"])
    assert [(entry["rows"], entry["link"]) for entry in accepted.entries] == [(["3.2"], "https://x/7")]
    assert [entry["rows"] for entry in accepted.removed] == [["3.1"]]

    only = listed(EXIT)
    accepted = accept(run_of(HELD, known=only), only["entries"])
    assert (accepted.entries, len(accepted.removed)) == ([], 1)


def test_of_what_makes_no_run_fail_that_is_removed_which_was_not_proved_and_now_is():
    often = {**listed(EXIT, strict=False)["entries"][0]}
    proved = {**often, "check": "state_valid", "verdict": "not_exercised"}
    known = {"file": "x", "entries": [often, proved]}
    accepted = accept(run_of(HELD, known=known), known["entries"])
    assert accepted.entries == [often]
    assert [entry["check"] for entry in accepted.removed] == ["state_valid"]


def test_a_new_row_of_an_entry_is_added_to_it():
    known = listed(EXIT)
    accepted = accept(run_of(row("sigterm", EXIT), row("sigint", EXIT, number="3.2"), known=known), known["entries"])
    assert [(entry["rows"], entry["reason"]) for entry in accepted.entries] == [(["3.1", "3.2"], "v2 repairs it")]
    assert [entry["rows"] for entry in accepted.added] == [["3.2"]]


def test_what_cannot_be_accepted_is_told():
    error = {**row("sigint", number="3.2"), "verdict": "error", "reasons": ["no arena"]}
    unrun = {**row("fill", number="1.4"), "verdict": "not_exercised", "reasons": ["not run, because baseline: x"]}
    expired = listed(EXIT, expires="2026-01-01")
    accepted = accept(run_of(row("sigterm", EXIT), error, unrun, known=expired), expired["entries"])
    assert (accepted.added, accepted.removed) == ([], [])
    assert accepted.left == [
        "h1: 3.1 sigterm: expired: known until 2026-01-01 (v2 repairs it): exit code 1",
        "h1: 3.2 sigint: error: no arena",
        "h1: 1.4 fill: not_exercised: not run, because baseline: x",
    ]


def test_crash_points_that_proved_nothing_are_one_entry_and_those_that_failed_one_each():
    points = [{**UNPROVED, "check": "visit", "subject": f"kill:{n}"} for n in range(9)]
    points += [{**EXIT, "check": "visit", "subject": f"kill:after:{n}"} for n in range(2)]
    entries = accept(run_of(row("sigterm", *points)), []).entries
    assert [(entry["subject"], entry["verdict"]) for entry in entries] == [
        ("*", "not_exercised"),
        ("kill:after:0", "failed"),
        ("kill:after:1", "failed"),
    ]


def test_a_host_that_did_not_run_is_one_line():
    results = run_of(row("sigterm", EXIT), row("sigint", EXIT))
    results["hosts"]["h1"]["engine"] = None
    assert accept(results, []) == ([], [], [], ["h1: it did not run"])


def test_advice_is_not_accepted():
    assert accept(run_of({**row("sigterm", EXIT), "advice": True}), []).entries == []


def test_the_file_reads_as_it_was_written(tmp_path):
    odd = {**EXIT, "subject": 'KeyError: "1e5" # é\n', "verdict": "failed"}
    entries = accept(run_of(row("sigterm", odd), row("sigint", UNPROVED, number="3.2")), []).entries
    path = tmp_path / "tiny.known.yml"
    path.write_text(in_yaml("tiny", entries), encoding="utf-8")
    found = read(path, "x").value["known"]
    assert found[0] == {word: entries[0][word] for word in ("check", "subject", "rows", "reason", "seen")}
    assert found[1]["verdict"] == "not_exercised"

    path.write_text(in_yaml("tiny", []), encoding="utf-8")
    assert read(path, "x").value == {"known": []}
