"""What a cell says to who was not there: what was tested and expected, what proves the fault, and what to change."""

import re

from playwright.sync_api import expect


def part(page, title):
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator("#panel section").filter(has=heading)


def test_a_cell_that_passed_says_why_that_can_be_believed(opened, small):
    page = opened(small, "#db01/memory")
    expect(part(page, "What was tested")).to_contain_text("Why there is memory.")
    expected = part(page, "What was expected")
    expect(expected).to_contain_text("2 of 2 checks held.")
    expect(expected.locator("li .badge.passed")).to_have_count(2)
    expect(expected).to_contain_text("state/ledger.json")
    proof = part(page, "Proof that the fault took effect")
    expect(proof.locator("li").filter(has_text="fill")).to_have_text(
        re.compile("fill 5 s to 7 sa write failed with ENOSPC; 5,000,000 bytes filled it; .*log/bot.log: 6$")
    )
    expect(proof).to_contain_text("sent to start 1")
    expect(part(page, "What to fix")).to_have_count(0)


def test_a_cell_that_failed_says_what_to_fix_and_where_to_read_more(opened, small):
    page = opened(small, "#web00/memory")
    expect(part(page, "What was expected").locator("li .badge.failed")).to_have_count(1)
    fix = part(page, "What to fix")
    expect(fix.locator("li")).to_have_count(1)
    expect(fix).to_contain_text("exit_code Decide in one place what the process ends with")
    expect(fix.get_by_role("link")).to_have_attribute("href", re.compile("^https://"))


def test_a_cell_says_with_which_settings_the_bot_was_started(opened, small):
    page = opened(small, "#db01/memory")
    items = part(page, "The bot's settings").locator("li")
    expect(items).to_have_text(
        ["start 1: max_cycles = 9999, scan_interval = 0.5", "start 2: max_cycles = 9999, scan_interval = 1.0"]
    )


def test_a_plot_without_a_trend_has_its_limit(opened, small):
    page = opened(small, "#db01/memory")
    threads = page.locator("#panel figure.plot").filter(has_text="Threads")
    expect(threads.locator("line.limit title")).to_have_text("processes and threads together: 2")
    expect(threads.locator(".trend")).to_have_count(0)


def test_the_scenario_itself_can_be_read(opened, small):
    page = opened(small, "#web00/memory")
    page.get_by_text("The scenario: scenarios/memory.yml").click()
    expect(page.locator("#panel .yaml")).to_contain_text("id: memory")


def test_a_cell_is_copied_as_an_issue(opened, small):
    page = opened(small, "#web00/memory")
    page.get_by_text("Copy as issue").click()
    text = page.locator("#panel .issue pre").inner_text()
    assert text.startswith("## 2 memory: failed")
    for word in (
        "held: required state files are there and whole",
        "fill at 5 s",
        "**What to fix**",
        "JSONDecodeError",
    ):
        assert word in text
    assert "```sh\nansible-playbook stress.yml -l web00 -e scenarios=memory\n```" in text
    page.locator("#panel .issue .copy").click()
    assert page.evaluate("getSelection().toString()").startswith("## 2 memory: failed")


def test_a_host_says_what_did_not_pass_on_it_and_what_it_cannot_do(opened, small):
    page = opened(small, "#web00/")
    failed = part(page, "What did not pass here")
    expect(failed.locator("li")).to_have_count(4)
    expect(part(page, "What it cannot do")).to_have_count(0)
    expect(part(page, "The host")).to_contain_text("DistributionDebian GNU/Linux 12 (bookworm)Kernel6.1")
    failed.get_by_role("link", name="2 memory").click()
    expect(page.locator("#panel-title")).to_have_text("✗2 memory failed on web00")
    page.evaluate("location.hash = '#mac02/'")
    expect(part(page, "What it cannot do").locator("li").first).to_contain_text("this host has no namespaces")
