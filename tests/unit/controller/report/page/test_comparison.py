"""Two versions of a bot side by side: what got worse first, each with its reason, and a way to both pages."""

import re

from fleet_controller.report.page.comparison import beside, comparison_page
from fleet_controller.results.compare import compare
from fleet_controller.untrusted.atomic_files import write_atomic

from tests.page.fleet import Fleet
from tests.unit.controller.finished_run import GIT

ROWS = [
    {"scenario": "baseline", "row": "0", "title": "Runs"},
    {"scenario": "memory", "row": "2", "title": "Does not grow"},
    {"scenario": "sigterm", "row": "3.1", "title": "Stops"},
]


def results(folder, version, **verdicts):
    """What a version of the bot got on two hosts."""
    of = lambda _, row: verdicts.get(row, "passed")  # noqa: E731
    found = Fleet(folder, hosts=2, rows=ROWS, verdict_of=of).results
    return {**found, "run_id": f"20261124-141200-{version}", "bot_source": {**GIT, "ref": version}}


def drawn(tmp_path, old, new, folder="../20261124-141200-v1"):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    comparison = compare(results(tmp_path / "1", "v1", **old), results(tmp_path / "2", "v2", **new))
    return comparison_page(comparison, folder).decode()


def test_what_got_worse_comes_first_with_its_reason_and_its_cells(tmp_path):
    page = drawn(tmp_path, {"memory": "failed"}, {"sigterm": "failed"})
    assert re.findall(r"<h2[^>]*>([^<]*)", page) == ["Got worse", "Got better", "Stayed as it was"]
    worse = page[page.index("Got worse") : page.index("Got better")]
    assert worse.count("3.1 sigterm") == 1, "the same on both hosts is one line"
    assert "start 2 ended with exit code 1" in worse
    assert 'href="../20261124-141200-v1/index.html#db01/sigterm"' in worse
    assert 'href="./index.html#db01/sigterm"' in worse
    assert "db01, web00" in worse
    assert "2 worse, 2 better, 2 stayed on 2 hosts" in page


def test_it_says_which_versions_these_are(tmp_path):
    page = drawn(tmp_path, {}, {})
    assert "https://x.org/b.git at v1" in page
    assert "https://x.org/b.git at v2" in page
    assert "Got worse" not in page


def test_a_run_that_lies_elsewhere_is_named_and_not_linked(tmp_path):
    page = drawn(tmp_path, {}, {}, folder=None)
    assert "20261124-141200-v1" in page
    assert "v1/index.html" not in page
    assert beside(tmp_path / "r/new", tmp_path / "r/old") == "../old"
    assert beside(tmp_path / "r/new", tmp_path / "s/old") is None


def test_words_of_a_host_are_words(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    new = results(tmp_path / "2", "v2", memory="failed")
    for host in new["hosts"].values():
        host["scenarios"][1]["reasons"] = ["<script>alert(1)</script>"]
    comparison = compare(results(tmp_path / "1", "v1"), new)
    write_atomic(tmp_path / "compare.json", comparison)
    assert "<script>" not in comparison_page(comparison, None).decode()
