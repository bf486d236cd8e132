"""Links lead somewhere: to a file of the project, and to a heading that it has."""

import re

import pytest

from .pages import PAGES, ROOT, anchors, blocks, links, tokens

FOLDERS = (
    *("bots", "docs", "fleet_stress", "inventory", "lab", "library", "playbooks", "plugins", "profiles"),
    *("reference_bot", "requirements", "roles", "scenarios", "schemas", "tests", "tools"),
)

EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def leads_nowhere(page, link):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


@EACH
def test_every_link_leads_somewhere(page):
    own = [link for link in links(page) if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in own if leads_nowhere(page, link)] == []


@EACH
def test_every_path_that_is_named_is_there(page):
    """What stands in backticks, begins with a folder of the project, and has no placeholder."""
    text = "".join(token.content + " " for token in tokens(page) if token.type == "code_inline")
    named = re.findall(rf"(?:^|(?<=\s))(?:{'|'.join(FOLDERS)})/[\w./-]*\w(?=\s|$)", text)

    # What a tutorial writes, and what `make lab` and `fleet-stress init` do.
    init = {"bots/ticker.yml", "bots/my_bot.yml"}
    made = {
        "inventory/lab.yml",
        *init,
        *(block.file for other in PAGES for block in blocks(other) if block.file),
    }
    assert [path for path in named if not (ROOT / path).exists() and path not in made] == []


def test_every_document_can_be_found_from_the_index():
    index = ROOT / "docs/README.md"
    found = {(index.parent / link).resolve() for link in links(index)}

    assert {page for page in PAGES if page.parent == index.parent and page != index} <= found


def test_a_heading_is_found_by_the_name_that_github_gives_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# It's `one` thing\n\n## Twice\n\n## Twice\n")

    assert anchors(page) == {"its-one-thing", "twice", "twice-1"}
    assert leads_nowhere(page, "#twice-2")


#: So many lines a user may be asked to read.
MOST_LINES = 1_500


def test_what_users_read_is_short():
    """README.md, and what the first table of the index leads to; what `make docs` writes is for looking up."""
    index = ROOT / "docs/README.md"
    first = index.read_text(encoding="utf-8").split("\nTo look something up:", 1)[0]
    named = {(index.parent / name).resolve() for name in re.findall(r"\]\(([\w./-]+\.md)", first)}
    written = [page for page in named if "Written by `make docs`" not in page.read_text(encoding="utf-8")]

    lines = {
        page.name: len(page.read_text(encoding="utf-8").splitlines())
        for page in [ROOT / "README.md", *written]
    }
    assert len(lines) > 8 and sum(lines.values()) <= MOST_LINES, lines
