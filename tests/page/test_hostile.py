"""Every text of a host is markup that would run, if it were taken for markup; and evidence is anything at all."""

from functools import partial

import pytest
from fleet_controller.report.page.details import details
from playwright.sync_api import expect

from tests.page.conftest import drawn
from tests.page.fleet import Fleet, change, earlier, evidence, store, trend

MARKUP = (
    "</script><script>window.ran = 1</script>"
    "\"><img src=x onerror='window.ran = 2'>'--><!--<svg onload=window.ran=3>\u2028{{ 7 * 7 }}"
)
ROW = {"scenario": "memory", "row": "2", "title": MARKUP}
#: What our own documents are made of, and no host may choose.
FIXED = (
    "format",
    "verdict",
    "scenario",
    "row",
    "counts",
    "scenarios",
    "started",
    "finished",
    "old",
    "new",
    "check",
)


def poisoned(value, name=""):
    """The same document with markup at the end of every text that is not one of ours."""
    if isinstance(value, dict):
        return {
            key: item if key in FIXED and not isinstance(item, (dict, list)) else poisoned(item, key)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [poisoned(item, name) for item in value]
    if isinstance(value, str) and name not in ("evidence", "stdout", "stderr", "scenarios"):
        return value + MARKUP
    return value


@pytest.fixture
def hostile(tmp_path):
    fleet = Fleet(tmp_path, hosts=2, rows=[ROW], verdict_of=lambda *_: "failed")
    for host in fleet.results["hosts"].values():
        (entry,) = host["scenarios"]
        found = poisoned(evidence(ROW, failed=True))
        # A file's name is any text without a slash.
        beside = MARKUP.replace("/", "\\")
        found["commands"] = [{"output": beside}]
        store(tmp_path / entry["evidence"], found, f"Traceback (most recent call last)\n{MARKUP}\n")
        (tmp_path / entry["evidence"] / beside).write_text(MARKUP, "utf-8")
        entry["findings"][0]["evidence"].append(beside)
        entry.update(reasons=[MARKUP], notes=[MARKUP], known_from_baseline=entry["findings"], title=MARKUP)
        host.update(problem=MARKUP, verify=[MARKUP], leftovers=[{"kind": "undo", "what": MARKUP}])
    hosts = fleet.results["hosts"]
    fleet.results = poisoned({**fleet.results, "hosts": {}})
    fleet.results["hosts"] = {f"{name}{MARKUP}": poisoned(host) for name, host in hosts.items()}
    for host in fleet.results["hosts"].values():
        host["scenarios"][0]["measures"] = {"trends": [{**trend(name=MARKUP), "told": MARKUP}]}
    since = earlier(new=[poisoned(change(name, ROW, "passed", "failed")) for name in fleet.results["hosts"]])
    return drawn(fleet, since)


def test_markup_in_every_text_is_only_text(opened, hostile):
    tab = opened(hostile)
    own = tab.locator("script").count()
    tab.locator("td.failed button").first.click()
    panel = tab.get_by_role("dialog")
    expect(panel).to_contain_text("<img src=x onerror='window.ran = 2'>")
    expect(panel.locator("figure.output").first).to_be_visible()
    expect(panel.locator("p.told").first).to_contain_text("window.ran = 1")
    for item in tab.locator("#panel summary").all():
        item.click()
    panel.locator(".all-hosts").click()
    expect(panel.locator(".of-host")).not_to_have_count(0)
    tab.keyboard.press("Escape")
    tab.locator("th.host button").first.click()
    expect(panel).to_contain_text("window.ran")
    tab.keyboard.press("Escape")
    tab.emulate_media(media="print")
    expect(tab.locator(".miss svg").first).to_be_visible()
    assert tab.evaluate("window.ran") is None
    assert tab.locator("img").count() == 0
    assert tab.locator("script").count() == own
    assert "49" not in tab.locator("h1").inner_text()


def test_what_slips_through_would_not_run_either(chromium, tmp_path):
    # The policy is the second wall: markup that we put in ourselves, as a mistake of ours would.
    path = drawn(Fleet(tmp_path))
    text = path.read_text("utf-8").replace(
        "</main>", "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'></main>"
    )
    path.write_text(text, "utf-8")
    tab = chromium.new_page()
    refused = []
    tab.on("console", lambda said: refused.append(said.text))
    tab.goto(path.as_uri())
    expect(tab.locator(".shown")).to_contain_text("cells")
    assert tab.evaluate("window.ran") is None
    assert any("Content Security Policy" in item for item in refused)
    tab.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no evidence.json"),
        ("", "evidence.json is damaged"),
        ("[]", "it is no evidence"),
        ('{"seconds": NaN}', "NaN is no number"),
        ("[" * 100_000, "evidence.json is damaged"),
    ],
    ids=["missing", "empty", "no object", "no number", "deep"],
)
def test_damaged_evidence_is_told_of(opened, tmp_path, text, said):
    fleet = Fleet(tmp_path, rows=[{**ROW, "title": "Does not grow"}])
    path = tmp_path / "hosts/web00/evidence/memory/evidence.json"
    path.unlink() if text is None else path.write_text(text, "utf-8")
    tab = opened(drawn(fleet), "#web00/memory")
    expect(tab.locator("#panel .warning")).to_contain_text(said)


def test_what_had_no_room_is_told_of(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("fleet_controller.report.page.render.details", partial(details, most=42_000))
    tab = opened(drawn(Fleet(tmp_path)), "#web00/sigterm")
    expect(tab.locator("#panel")).to_contain_text("was left out, to keep the page small")
    expect(tab.locator("#panel a", has_text="evidence.json")).to_have_count(1)
    tab.evaluate("location.hash = '#web00/memory'")
    expect(tab.locator("#panel .plots"), "what failed comes first").to_be_visible()
