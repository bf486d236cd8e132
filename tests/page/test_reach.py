"""Who does not see, does not see colours, or has no mouse, is not left out: the page's own promises, looked at."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

#: Roughly what a screen reader would say of each thing that can be used.
NAMELESS = """() => [...document.querySelectorAll('button, a[href], select, input, summary, [role=img], dialog')]
  .filter((one) => {
    const ids = (one.getAttribute('aria-labelledby') || '').split(' ');
    const by = ids.map((id) => document.getElementById(id)?.textContent);
    const label = one.labels && [...one.labels].map((some) => some.textContent).join('');
    return !(one.getAttribute('aria-label') || by.join('') || label || one.textContent).trim();
  }).map((one) => one.outerHTML.slice(0, 200))"""
#: Texts whose contrast with what is behind them is below WCAG's AA, on all that is to be seen.
PALE = """() => {
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parsed = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (top, under) => [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3]));
  const behind = (one) => {
    const above = [];
    for (let node = one; node; node = node.parentElement) above.push(parsed(getComputedStyle(node).backgroundColor));
    return above.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = new Map();
  for (const one of document.querySelectorAll('body *')) {
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!text || !one.checkVisibility() || one.disabled || one.closest('.faded, .skip')) continue;
    const style = getComputedStyle(one);
    const ink = one.closest('svg') ? style.fill : style.color;
    const ground = behind(one.closest('svg')?.parentElement || one);
    const [a, b] = [light(over(parsed(ink), ground)), light(ground)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const contrast = (a + 0.05) / (b + 0.05);
    const name = `${one.tagName} ${one.getAttribute('class')} in ${one.parentElement.getAttribute('class')}`;
    if (contrast < (large ? 3 : 4.5)) found.set(name, contrast);
  }
  return [...found].map(([name, contrast]) => `${name}: ${contrast.toFixed(2)}`);
}"""


def test_everything_that_can_be_used_has_a_name(opened, small):
    page = opened(small, "#web00/memory")
    assert page.evaluate(NAMELESS) == []
    cell = page.locator("[data-cell='0.0']")
    assert cell.get_attribute("aria-label") == "0 baseline on web00: passed"
    host = page.get_by_role("button", name="Host mac05: unreachable, with problems", include_hidden=True)
    expect(host).to_have_count(1)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_texts_and_verdicts_can_be_read(opened, small, colours):
    page = opened(small, color_scheme=colours)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(PALE) == []
    page.evaluate("location.hash = '#web00/memory'")
    page.locator("#panel .plots").wait_for()
    assert page.evaluate(PALE) == []


def test_no_verdict_is_told_by_its_colour_alone(opened, small):
    page = opened(small)
    signs = {
        word: set(page.locator(f"td.{word} button").all_inner_texts())
        for word in ("passed", "failed", "skipped", "not_exercised", "error")
    }
    assert all(len(some) == 1 for some in signs.values())
    assert len(set.union(*signs.values())) == 5


def test_the_matrix_is_a_table_with_heads(opened, small):
    page = opened(small)
    matrix = page.locator(".matrix")
    expect(matrix.get_by_role("rowheader", name="0 baseline", exact=True)).to_have_count(1)
    expect(page.get_by_role("columnheader", name="web00")).to_have_count(1)
    headless = "[...document.querySelectorAll('th')].filter((one) => !one.scope).length"
    assert page.evaluate(headless) == 0


def test_headings_and_ids_are_in_order(opened, small):
    page = opened(small)
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(set(ids)) == len(ids)
    dead = """[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].filter((one) =>
      !document.getElementById(one.getAttribute('aria-labelledby') || one.getAttribute('aria-describedby'))
    ).map((one) => one.tagName)"""
    assert page.evaluate(dead) == ["DIALOG"]  # its title is in it once it is open


def test_what_has_the_focus_is_seen(opened, small):
    page = opened(small)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the matrix")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(outline) == "solid"
