"""The page in a browser: it shows everything, fetches nothing, and does what a person asks of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import drawn
from tests.page.fleet import Fleet, catalogue, change, earlier

FAILED = "td.failed button"


def shown_rows(page):
    return page.locator("tr[data-row]:not([hidden])")


def shown_hosts(page):
    return page.locator("th.host:not([hidden])")


def test_every_cell_of_fifty_hosts_and_all_rows_is_there(opened, large):
    page = opened(large)
    rows = len(catalogue())
    expect(page.locator("td [data-cell]")).to_have_count(50 * rows)
    expect(page.locator(".shown")).to_have_text(f"{50 * rows} cells: {rows} rows on 50 hosts.")
    assert large.stat().st_size < 15_000_000


def test_fifty_hosts_fit_and_heads_stay_in_sight(opened, large):
    page = opened(large)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    place = page.locator(".wide .scroll")
    assert place.evaluate("one => one.scrollWidth <= one.clientWidth")
    place.evaluate("one => { one.scrollTop = 300; }")
    head, top = page.locator("th.host").first.bounding_box(), place.bounding_box()
    assert head["y"] == pytest.approx(top["y"], abs=3)


def test_it_says_what_became_of_the_run(opened, small):
    page = opened(small)
    expect(page.locator("h1")).to_contain_text("The bot failed in 3 of")
    expect(page.locator(".lead")).to_contain_text("1 host unreachable: mac05")
    trouble = page.locator(".troubled")
    expect(trouble).to_contain_text("mac05 unreachable")
    memory = page.get_by_role("region", name="2 Memory", exact=True)
    expect(memory).to_contain_text("failed on web00, db10; passed on 8 of 10 hosts")


def test_what_did_not_pass_comes_first_by_cause_and_leads_to_its_cells(opened, small):
    page = opened(small)
    causes = page.locator("main > section").first
    expect(causes.get_by_role("heading").first).to_have_text("What did not pass, by cause")
    cause = causes.locator(".cause.failed")
    expect(cause).to_contain_text("failed, check exit_code: 3 rows on 2 of 11 hosts")
    expect(cause.locator(".fix")).to_contain_text("What to fix")
    expect(causes.locator(".again pre")).to_have_text("ansible-playbook stress.yml -e scenarios=failed")
    cause.get_by_role("link", name="2 memory on db10").click()
    expect(page.locator("#panel-title")).to_have_text("✗2 memory failed on db10")


def test_a_run_that_passed_is_green_at_first_sight(opened, tmp_path):
    skips = Fleet(tmp_path, verdict_of=lambda _, name: "skipped" if name == "sigfpe" else "passed")
    page = opened(drawn(skips))
    rows = len(catalogue())
    expect(page.locator("h1.passed")).to_have_text(f"✓Passed: {rows - 1} of {rows} rows (1 skipped)")
    expect(page.get_by_role("img", name=f"{rows - 1} passed, 1 skipped")).to_be_visible()
    expect(page.get_by_role("heading", name="1.4\u20131.5 Full and slow disks")).to_have_count(1)


def test_a_verdict_filters_rows_hosts_and_address(opened, small):
    page = opened(small)
    page.locator(".chip[data-verdict=failed]").click()
    expect(shown_rows(page)).to_have_count(3)
    expect(shown_hosts(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"#\?verdict=failed$"))
    page.locator(".clear").click()
    expect(shown_hosts(page)).to_have_count(11)
    expect(page).to_have_url(re.compile("^[^#]*$"))


def test_platform_row_and_text_filter(opened, small):
    page = opened(small)
    page.get_by_label("Platform").select_option("Darwin arm64")
    expect(shown_hosts(page)).to_have_count(2)
    page.locator("select[name=row]").select_option("memory")
    expect(shown_rows(page)).to_have_count(1)
    page.locator(".clear").click()
    page.get_by_label("Search").fill("mac0")
    expect(shown_hosts(page)).to_have_count(3)
    page.get_by_label("Search").fill("network cable is pulled")
    expect(shown_rows(page)).to_have_count(1)
    page.get_by_label("Search").fill("nothing of that name")
    expect(page.locator(".shown")).to_have_text("Nothing is as asked for.")


def test_a_section_of_the_plan_filters(opened, small):
    page = opened(small)
    page.locator("select[name=row]").select_option(label="4 Network, all of it")
    assert {text[0] for text in shown_rows(page).locator("th b").all_inner_texts()} == {"4"}


def test_a_link_brings_the_filter_along(opened, small):
    page = opened(small, "#?verdict=failed%2Cnot_exercised&platform=Linux+x86_64&row=memory")
    expect(page.locator(".chip[data-verdict=failed]")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Platform")).to_have_value("Linux x86_64")
    expect(shown_rows(page)).to_have_count(1)


def test_a_cell_opens_by_mouse_and_escape_gives_the_focus_back(opened, small):
    page = opened(small)
    cell = page.locator(FAILED).first
    cell.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("where exit code 0 was expected")
    expect(panel).to_contain_text("check exit_code")
    expect(panel.locator("figure.output pre").first).to_contain_text("JSONDecodeError")
    expect(panel.locator(".command pre").first).to_contain_text("ansible-playbook stress.yml -l web00")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(cell).to_be_focused()


def test_a_cell_opens_by_keyboard_and_arrows_move(opened, small):
    page = opened(small)
    page.locator("[tabindex='0'][data-cell]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("data-cell", "1.1")
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_have_attribute("data-cell", "10.1")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("data-cell", "0.0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("baseline")
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_have_attribute("data-cell", "0.0")


def test_only_one_cell_is_a_stop_for_tab(opened, small):
    page = opened(small, "#?verdict=failed")
    stops = page.locator(".matrix [tabindex='0']")
    expect(stops).to_have_count(1)
    expect(stops).to_be_visible()


def test_focus_stays_in_the_panel(opened, small):
    page = opened(small)
    page.locator(FAILED).first.click()
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        assert page.evaluate(inside)


def test_a_link_opens_a_cell_and_the_address_follows(opened, small):
    page = opened(small, "#web00/memory")
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("memory failed on web00")
    panel.get_by_role("button", name="Previous").click()
    expect(panel).to_contain_text("empty_state failed on db10")
    expect(page).to_have_url(re.compile("#db10/empty_state$"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("^[^#]*$"))
    page.evaluate("location.hash = '#mac05/'")
    expect(panel).to_contain_text("It brought no result")


@pytest.mark.parametrize(
    "address", ["#nobody/memory", "#web00/nothing", "#%E0%A4%A/x", "#matrix", "#?row=no"]
)
def test_an_address_that_leads_nowhere_does_no_harm(opened, small, address):
    page = opened(small, address)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(shown_hosts(page)).to_have_count(11)


def test_the_time_line_shows_steps_faults_and_what_ended(opened, small):
    page = opened(small, "#web00/memory")
    line = page.locator("#panel svg[aria-label^='Time line']")
    expect(line.locator("rect.window")).to_have_count(1)
    expect(line.locator("path.diamond title")).to_have_text("corrupt: at 4 s")
    expect(line.locator("rect.start")).to_have_count(2)
    expect(line.locator("rect.step.bad title")).to_contain_text("bot_ended")
    page.get_by_text("As a table").click()
    expect(page.locator("#panel table")).to_contain_text("fault fill")


def test_plots_have_axes_and_the_windows_of_faults(opened, small):
    page = opened(small, "#web00/memory")
    plots = page.locator("#panel figure.plot")
    expect(plots).to_have_count(6)
    memory = plots.nth(1)
    expect(memory.locator("figcaption")).to_have_text("Memory, all of it, MB")
    expect(memory.locator("polyline")).to_have_count(1)
    expect(memory.locator("rect.window")).to_have_count(1)
    expect(memory).to_contain_text("resident: 32 at first, 83.4 at last, 83.4 MB at most")


def test_a_plot_shows_warm_up_trend_interval_and_limits(opened, small):
    page = opened(small, "#web00/memory")
    judged = page.locator("#panel figure.plot").first
    expect(judged.locator("figcaption")).to_have_text(
        "Memory that no file backs, MBto the pageprivatetrend, with its intervalwarming up"
    )
    expect(judged.locator("rect.warm-up")).to_have_count(1)
    expect(judged.locator("path.band.grows")).to_have_count(1)
    expect(judged.locator("line.trend.grows title")).to_have_text("10.8 MB a minute (9.7 to 11.9)")
    expect(judged.locator("line.limit title")).to_have_text("its memory_limit: 80 MB")
    expect(judged).to_contain_text("the host's memory: 4096 MB, above this plot")


def test_all_hosts_are_in_one_plot_with_those_that_did_not_pass_marked(opened, small):
    page = opened(small, "#web00/memory")
    page.get_by_role("button", name="The same on all hosts").click()
    expect(page).to_have_url(re.compile(r"#\*/memory$"))
    expect(page.locator("#panel-title")).to_have_text("2 memory on all hosts")
    plot = page.locator("#panel figure.plot").first
    expect(plot.locator(".of-host")).to_have_count(10)
    expect(plot.locator("polyline.line-bad")).to_have_count(2)
    plot.get_by_text("As a table").click()
    expect(plot.locator("tbody tr").first).to_contain_text("web00failed")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_link_opens_a_row_on_all_hosts_and_one_without_samples_says_so(opened, small):
    page = opened(small, "#*/memory")
    expect(page.get_by_role("dialog")).to_contain_text("Samples of 10 hosts")
    page.evaluate("location.hash = '#*/baseline'")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing was sampled in this row")


def test_a_command_is_copied_or_at_least_selected(opened, small):
    page = opened(small, "#web00/memory")
    button = page.locator("#panel .copy").first
    button.click()
    expect(button).to_have_text(re.compile("Copied|Selected"))
    selected = page.evaluate("getSelection().toString()")
    assert selected == "ansible-playbook stress.yml -l web00 -e scenarios=memory"


def test_without_a_clipboard_the_command_is_selected(opened, small):
    page = opened(small, "#web00/memory")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("#panel .copy").first.click()
    expect(page.locator("#panel .copy").first).to_have_text("Selected")
    expect(page.locator("#panel .command pre").first).to_be_focused()


def test_links_lead_to_files_that_are_there(opened, small):
    page = opened(small, "#web00/memory")
    links = page.locator("#panel a:not([href^='https://'])")
    addresses = [item.get_attribute("href") for item in links.all()]
    assert "hosts/web00/evidence/memory/start-02.err" in addresses
    assert all((small.parent / address).exists() for address in addresses)


def test_new_failures_come_first(opened, tmp_path):
    fleet = Fleet(tmp_path, hosts=2)
    memory = next(row for row in fleet.rows if row["scenario"] == "memory")
    since = earlier(
        still=[change("gone", memory, "failed", "failed")], new=[change("web00", memory, "passed", "failed")]
    )
    page = opened(drawn(fleet, since))
    new = page.locator("details.compared").first
    expect(new).to_have_attribute("open", "")
    expect(new).to_contain_text("passed before, failed now")
    new.get_by_role("link").click()
    expect(page.get_by_role("dialog")).to_contain_text("Previous run 20261123-100000-123456: passed.")
    page.keyboard.press("Escape")
    expect(page.locator("details.compared").nth(1).locator("a")).to_have_count(0)


def test_one_host_has_its_reasons_in_the_matrix(opened, tmp_path):
    page = opened(drawn(Fleet(tmp_path)))
    expect(page.locator(".matrix .first").first).to_be_visible()
    expect(page.locator(FAILED).first).to_contain_text("failed")


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_is_wider_than_the_window(opened, small, width):
    page = opened(small, viewport={"width": width, "height": 800})
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    page.locator(FAILED).first.click()
    assert page.evaluate("document.getElementById('panel').scrollWidth <= innerWidth")


def test_dark_is_dark(opened, small):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened(small, color_scheme="light").evaluate(ground)
    dark = opened(small, color_scheme="dark").evaluate(ground)
    assert light == "rgb(250, 250, 249)"
    assert sum(map(int, re.findall(r"\d+", dark))) < 120


def test_paper_has_what_did_not_pass_in_full_and_in_light(opened, small):
    page = opened(small, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    miss = page.locator(".miss.failed").first
    expect(miss.locator("svg[aria-label^='Time line']")).to_be_visible()
    expect(miss.locator("figure.output pre").first).to_contain_text("JSONDecodeError")
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator(".card details").first).to_have_attribute("open", "")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"


def test_without_scripts_the_page_still_says_everything_but_details(opened, small):
    page = opened(small, java_script_enabled=False)
    expect(page.locator("td [data-cell]").first).to_be_visible()
    expect(page.locator(".miss").first).to_contain_text("where exit code 0 was expected")
    expect(page.locator(".noscript")).to_be_visible()
