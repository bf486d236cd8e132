"""What cells open, how much of it there is, and that it can stand in a page."""

import json

import pytest
from fleet_controller.report.page import PAGE, page
from fleet_controller.report.page.details import details, embedded
from fleet_controller.report.page.links import link
from fleet_controller.report.samples_csv import samples
from fleet_controller.results.pack_passed import drop_what_is_packed, pack_passed

from tests.page.fleet import Fleet

ROWS = [
    {"scenario": "baseline", "row": "0", "title": "Runs"},
    {"scenario": "memory", "row": "2", "title": "Does not grow"},
]


def cells(folder, most=10**6, **verdicts):
    fleet = Fleet(folder, hosts=1, rows=ROWS, verdict_of=lambda _, scenario: verdicts.get(scenario, "passed"))
    (text,) = details(folder, fleet.results, most)
    return json.loads(text)


def test_what_failed_has_output_and_what_passed_has_none(tmp_path):
    passed, failed = cells(tmp_path, memory="failed")
    assert "output" not in passed
    assert failed["output"][0]["href"] == "hosts/web00/evidence/memory/start-02.err"
    assert len(failed["plots"][0]["lines"][0]["parts"][0]) > 150


def test_what_has_no_room_says_so_and_what_failed_comes_first(tmp_path):
    _, whole = cells(tmp_path, memory="failed")
    passed, failed = cells(tmp_path, most=len(embedded(whole)) + 500, memory="failed")
    assert passed["left_out"] is True
    assert passed["files"][1]["href"] == "hosts/web00/evidence/baseline/evidence.json"
    assert "timeline" in failed


def test_what_passed_and_is_packed_is_shown_as_before(tmp_path):
    rows = [*ROWS, {"scenario": "sigterm", "row": "3.1", "title": "Stops"}]
    failing = {"sigterm": "failed"}
    fleet = Fleet(tmp_path, rows=rows, verdict_of=lambda _, scenario: failing.get(scenario, "passed"))
    before, csv = details(tmp_path, fleet.results), samples(tmp_path, fleet.results)

    assert pack_passed(tmp_path, fleet.results, packs=True) == []
    drop_what_is_packed(tmp_path)

    kept = sorted(path.name for path in (tmp_path / "hosts/web00/evidence").iterdir())
    assert kept == ["baseline.tar.gz", "memory.tar.gz", "sigterm"]
    assert samples(tmp_path, fleet.results) == csv
    cells = [json.loads(text) for (text,) in (before, details(tmp_path, fleet.results))]
    addresses = [[item["href"] for item in cell[1].pop("files")] for cell in cells]
    assert set(addresses[1]) == {"hosts/web00/evidence/memory.tar.gz"}
    for cell in cells:
        cell[0].pop("files")
    assert cells[0] == cells[1]
    assert cells[0][1]["plots"] and cells[0][1]["timeline"]


def test_a_name_is_percent_encoded(tmp_path):
    fleet = Fleet(tmp_path, rows=ROWS, verdict_of=lambda *_: "failed")
    name = 'a "b" #1?.err'
    entry = fleet.results["hosts"]["web00"]["scenarios"][0]
    (tmp_path / entry["evidence"] / name).write_text("x")
    entry["findings"][0]["evidence"] = [name, "not there"]
    (text,) = details(tmp_path, fleet.results)
    found = json.loads(text)[0]["findings"][0]["files"]
    assert [item["href"] for item in found] == [
        "hosts/web00/evidence/baseline/a%20%22b%22%20%231%3F.err",
        None,
    ]


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x", "x.log.html", "x.log\n", "x.json/../x.html"])
def test_what_a_browser_would_not_show_as_text_has_no_link(tmp_path, name):
    (tmp_path / "evidence/x.json").mkdir(parents=True)
    for item in (name, "x.html"):
        (tmp_path / "evidence" / item).write_text("<script>")
    assert link(tmp_path, "evidence", name) is None


def test_a_rotated_log_has_one(tmp_path):
    (tmp_path / "evidence/log").mkdir(parents=True)
    (tmp_path / "evidence/log/errors.log.1").write_text("x")
    assert link(tmp_path, "evidence", "log/errors.log.1") == "evidence/log/errors.log.1"


def test_json_cannot_end_a_script():
    text = embedded({"a": "</script><!--\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028\u2029&"}


def test_the_same_results_give_the_same_bytes(tmp_path):
    fleet = Fleet(tmp_path, hosts=2, rows=ROWS)
    assert page(tmp_path, fleet.results) == page(tmp_path, fleet.results)
    assert PAGE == "index.html"
