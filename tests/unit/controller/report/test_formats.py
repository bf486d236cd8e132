"""What is drawn from results.json: for pull requests, for Prometheus, for spreadsheets."""

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest
from fleet_controller.messages.text import plain
from fleet_controller.report import formats
from fleet_controller.report.markdown import escaped, summary
from fleet_controller.report.prometheus import metrics
from fleet_controller.report.report import complaint, write
from fleet_controller.report.samples_csv import samples
from fleet_controller.untrusted.atomic_files import write_atomic
from hypothesis import given
from hypothesis.strategies import text
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = "a|b `c` <script>alert(1)</script> @someone #12 [x](http://e.org) **b**\n# title\n\x1b[31m ![i](x) www.e.org"


@pytest.fixture
def results(run):
    run.begin("h1", "h2")
    run.comes_back(
        "h1", sigkill_restart=("failed", HOSTILE), corrupt_state=("skipped", "no root: become root")
    )
    return run.collect({"h2": "UNREACHABLE: no route"}, {}, unreachable=["h2"])


def test_a_summary_for_a_pull_request(results):
    lines = summary(results).decode().splitlines()
    assert lines[0] == "## ❌ fleet-stress: not everything was survived", "the bot's fault is said first"
    assert lines[2].startswith("✅ 1 passed · ❌ 1 failed · ⏭️ 1 skipped · ⚠️ 3 error · 2 hosts · ")
    assert any(
        re.match(r"\| h2 \| unreachable \| no result \(3 rows\): UNREACHABLE: no route \|", line)
        for line in lines
    )
    assert any(re.match(r"\| ❌ failed \| 3\.3 \| sigkill\\_restart \| h1 \| ", line) for line in lines)
    assert "```sh" in lines
    assert any(line.startswith("ansible-playbook stress.yml -l h1 ") for line in lines)


def test_what_was_skipped_takes_nothing_from_what_was_survived(run):
    run.begin("h1")
    run.comes_back("h1", corrupt_state=("skipped", "no root: become root"))
    assert summary(run.collect()).decode().startswith("## ✅ fleet-stress: all that was run was survived\n")
    run.comes_back("h1", **dict.fromkeys(("baseline", "corrupt_state", "sigkill_restart"), ("skipped", "no")))
    assert summary(run.collect()).decode().startswith("## ⏭️ fleet-stress: nothing was run\n")


@pytest.mark.parametrize("around", ["it says {}", "- {}", "| a | b |\n|---|---|\n| {} | x |"])
def test_the_words_of_a_host_are_no_markup(around):
    """What comes out of a renderer is text, and the same text but for blanks without width."""
    html = MARKDOWN.render(around.format(escaped(HOSTILE)))
    assert set(re.findall(r"</?(\w+)", html)) <= {
        *("p", "ul", "li", "span"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    shown = unescape(re.sub(r"<[^>]*>", "", html)).replace("\u200b", "")
    assert " ".join(plain(HOSTILE).split()) in shown


@given(text(alphabet="ab1 \n\t\\`*_[](){}<>|~#!@$&;:/.-+='\"^%", max_size=60))
def test_no_text_at_all_is_markup(told):
    html = MARKDOWN.render(f"| a |\n|---|\n| x {escaped(told)} y |")
    (cell,) = re.findall(r"<td>(.*)</td>", html)
    assert set(re.findall(r"<[^>]*>", cell)) <= {"<span>", "</span>"}
    shown = unescape(re.sub(r"<[^>]*>", "", cell)).replace("\u200b", "")
    assert shown.split() == ["x", *told.split(), "y"]


@pytest.mark.parametrize(
    "acting",
    [
        "@someone",
        "#12",
        "GH-12",
        "!5",
        "%3",
        "~bug",
        "&1",
        "www.e.org",
        "http://e.org",
        "mailto:a@b.org",
        "a@b.org",
    ],
)
def test_what_acts_without_any_markup_is_parted(acting):
    """GitHub and GitLab look for these in the text as it is shown."""
    shown = unescape(re.sub(r"<[^>]*>", "", MARKDOWN.render(escaped(f"see {acting} now"))))
    assert acting not in shown
    assert acting in shown.replace("\u200b", "")


def test_new_failures_come_first_in_a_summary(results):
    item = {
        **{"host": "h1", "scenario": "sigkill_restart", "row": "3.3", "title": "", "old": "passed"},
        **{"new": "failed", "reason": "exited 1"},
    }
    groups = {"new": [item], "fixed": [item, item], "still": [], "unknown": []}
    lines = summary({**results, "earlier": {"run_id": "r0", "finished": "", **groups}}).decode().splitlines()
    at = lines.index("Since run r0: 1 failed that did not before, 2 fixed")
    assert lines[at + 2] == "- **new** h1: 3.3 sigkill\\_restart: exited 1"
    assert at + 2 < lines.index("| verdict | row | scenario | on | why |")


def letters(name):
    """A name whose digits are letters: numbers do not tell reasons apart."""
    return name.translate(str.maketrans("0123456789", "abcdefghij"))


def test_a_summary_fits_into_a_comment_and_says_what_it_leaves_out(run):
    names = [f"host{n:03}" for n in range(200)]
    run.begin(*names)
    for name in names:
        run.comes_back(name, sigkill_restart=("failed", f"{letters(name)} {HOSTILE * 9}"))
    told = summary(run.collect()).decode()
    assert len(told) < 60_000
    html = MARKDOWN.render(told)
    shown = html.count("<td>❌ failed</td>")
    assert f"… and {200 - shown} more, in" in html
    assert "ansible-playbook stress.yml -l host000 " in html, "what comes after the table has room too"
    assert told.rstrip().endswith("</details>")


def test_metrics_are_what_prometheus_reads(results):
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics(results).decode())
        for sample in family.samples
    }

    def value(name, **labels):
        about = {"bot": "reference", "profile": "smoke"}  # so that files of several bots can lie side by side
        return found[(name, *sorted({**about, **labels}.items()))]

    assert value("fleet_stress_scenarios", host="h1", verdict="failed") == 1
    assert value("fleet_stress_scenarios", host="h1", verdict="not_exercised") == 0
    assert value("fleet_stress_host_up", host="h2") == 0
    assert value("fleet_stress_host_problems", host="h2") == 1
    where = {"host": "h1", "row": "3.3", "scenario": "sigkill_restart"}
    info = next(dict(key[1:]) for key in found if key[0] == "fleet_stress_run_info")
    assert info["version"] == "0.1.0"
    assert value("fleet_stress_scenario_verdict", **where, verdict="failed") == 1
    assert value("fleet_stress_scenario_duration_seconds", **where) == 4.2


def test_no_metric_has_a_time_of_its_own(results):
    """node_exporter's textfile collector refuses the whole file then."""
    lines = [line for line in metrics(results).decode().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"\w+(\{.*\})? [-+.e\d]+", line) for line in lines)


def test_metrics_keep_to_the_rules_of_prometheus(results):
    """Those of `promtool check metrics`, and of the guide: help for each, base units last, gauges end in no _total."""
    families = list(text_string_to_metric_families(metrics(results).decode()))
    for family in families:
        assert re.fullmatch(r"fleet_stress_[a-z_]*[a-z]", family.name)
        assert family.documentation
        assert family.type == "gauge"
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert len({tuple(sorted(sample.labels.items())) for sample in family.samples}) == len(family.samples)


def test_a_name_stays_one_label_whatever_it_holds(run):
    name = 'h"1\\x} 2\n# HELP'
    run.begin(name)
    families = text_string_to_metric_families(metrics(run.collect()).decode())
    assert {
        sample.labels["host"] for family in families for sample in family.samples if "host" in sample.labels
    } == {name}


def test_samples_are_a_table_of_numbers(run, results):
    taken = {
        "start": 1,
        "at": 0.5,
        "cycles": 2,
        "rss": 1000,
        "private": None,
        "handles": 9,
        "threads": 1,
        "cpu": 0.1,
    }
    document = {"samples": [taken, {**taken, "rss": "=cmd()"}, "no sample"]}
    write_atomic(run.folder / "hosts/h1/evidence/baseline/evidence.json", document)

    rows = list(csv.DictReader(io.StringIO(samples(run.folder, results).decode())))

    assert [row["rss"] for row in rows] == ["1000", ""]
    assert {name: rows[0][name] for name in ("host", "scenario", "start", "private")} == {
        **{"host": "h1", "scenario": "baseline"},
        **{"start": "1", "private": ""},
    }


def test_samples_beside_the_evidence_are_read_as_well(run, results):
    folder = run.folder / "hosts/h1/evidence/baseline"
    write_atomic(folder / "evidence.json", {"samples": []})
    (folder / "samples.jsonl").write_text('{"start":1,"at":2,"wall":3,"cycles":4,"pss":5}\n{"start":1,"at":')

    [row] = csv.DictReader(io.StringIO(samples(run.folder, results).decode()))

    assert (row["at"], row["pss"], row["rss"]) == ("2", "5", "")


def test_many_samples_are_thinned_out(run, results, monkeypatch):
    monkeypatch.setattr("fleet_controller.report.samples_csv._LINES", 10)
    document = {"samples": [{"start": 1, "at": n} for n in range(95)]}
    write_atomic(run.folder / "hosts/h1/evidence/baseline/evidence.json", document)
    write_atomic(run.folder / "hosts/h1/evidence/sigkill_restart/evidence.json", document)
    rows = list(csv.DictReader(io.StringIO(samples(run.folder, results).decode())))
    assert [row["at"] for row in rows] == 2 * ["0", "20", "40", "60", "80"], "evenly, of each scenario"


def test_a_name_is_no_formula_in_a_spreadsheet(run):
    run.begin("=cmd()")
    run.comes_back("=cmd()")
    write_atomic(
        run.folder / "hosts/=cmd()/evidence/baseline/evidence.json", {"samples": [{"start": 1, "at": -1.5}]}
    )
    (row,) = csv.DictReader(io.StringIO(samples(run.folder, run.collect()).decode()))
    assert (row["host"], row["at"]) == ("'=cmd()", "-1.5")


def test_where_nothing_was_measured_there_is_no_table(run, results):
    assert samples(run.folder, results) is None
    write(run.folder, results)
    assert not (run.folder / "samples.csv").exists()


def test_a_format_that_cannot_be_drawn_takes_no_other_along(run, results, monkeypatch):
    def broken(_folder, _results):
        raise KeyError("x")

    monkeypatch.setattr(
        "fleet_controller.report.report.FORMATS", (formats.Format("bad.txt", "bad", broken), *formats.FORMATS)
    )
    written = write(run.folder, results)
    told = "bad.txt was not written, a mistake of fleet-stress (KeyError: 'x'): please report it"
    assert written.problems == [told]
    assert told in str(complaint(results, (), "x", written.problems)), "nobody waits for it in vain"
    assert (run.folder / "index.html").is_file()
    assert not (run.folder / "bad.txt").exists()


def test_the_documents_name_every_file():
    told = (Path(__file__).parents[4] / "docs/formats.md").read_text(encoding="utf-8")
    assert [item.name for item in formats.FORMATS if f"| `{item.name}` |" not in told] == []
