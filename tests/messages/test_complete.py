"""No message of ours is missing from the catalogue, and each says what, where, why, and what to do."""

import ast

import pytest

from tests.messages.catalogue import ROOT, areas, entries
from tests.messages.sites import of_python, pattern, sites

#: What is wrong is said by `why`, which names what belongs there: that is what to do.
WHY_IS_ENOUGH = "does not belong here"
#: Blocks of more than one problem say what to do for each.
_PARTS = ("where", "why", "do")


def blocks():
    """Messages in parts, each problem of several by itself."""
    for entry in entries():
        for problem in split(entry.told):
            if "   where: " in problem:
                yield pytest.param(entry, problem, id=f"{entry.name}-{problem.splitlines()[0][:40]}")


def split(text):
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("   where:")]
    return ["\n".join(lines[start - 1 : following]) for start, following in _between(starts, len(lines))]


def _between(starts, end):
    return [
        (start, (starts[number + 1] - 1) if number + 1 < len(starts) else end)
        for number, start in enumerate(starts)
    ]


@pytest.fixture(scope="module")
def ours():
    return list(sites(ROOT))


def test_every_message_in_the_source_is_in_the_catalogue(ours):
    known = [told for entry in entries() for told in entry.all_told]
    missing = [
        f"{site.where}: {text.replace(chr(0), '…')}"
        for site in ours
        for text in site.texts
        if not any(pattern(text).search(told) for told in known)
    ]
    assert missing == [], "add an entry to tests/messages/entries/ (docs/architecture.md says how)"


def test_the_walk_sees_messages_of_every_kind(ours):
    kinds = {site.kind for site in ours}
    assert {"UserError", "Refused", "ArenaFailed", "fail_json", "failed", "msg", "fail_msg", "fail"} <= kinds
    assert len(ours) > 200


@pytest.mark.parametrize(
    "source",
    [
        "def f(): raise UserError('a new message', 'x', 'y', 'z')",
        "def f():\n    what = f'a new {1} message'\n    problems.add(what, 'x', 'y', 'z')",
        "def f(): return {'failed': True, 'msg': 'a new message'}",
        "def f(): module.fail_json(msg='a new message')",
        "def f(): print('a new message', file=sys.stderr)",
        "raise Refused('a new message' if x else 'another')",
    ],
)
def test_a_new_message_is_seen(source, tmp_path):
    path = tmp_path / "new.py"
    path.write_text(source)
    (site,) = of_python(path, "new.py")
    assert pattern(site.texts[0]).fullmatch("a new message") or pattern(site.texts[0]).search(
        "a new 1 message"
    )


@pytest.mark.parametrize(("entry", "problem"), list(blocks()))
def test_a_block_says_where_why_and_what_to_do(entry, problem):
    for part in _PARTS:
        if part not in entry.without and not (part == "do" and WHY_IS_ENOUGH in problem):
            assert f"\n   {part + ':':<7}" in f"\n{problem}", f"`{part}` is missing"


def test_a_sentence_says_what_to_do():
    for area in areas():
        for entry in area.entries:
            if "   where: " not in entry.told and not area.reasons:
                assert entry.do, f"{entry.name}: which part of it says what to do?"
                assert entry.do in entry.told.replace("\n", " "), entry.name


#: They hand a problem on whose place is put in by who calls them.
PLACED_BY_CALLERS = (
    "plugins/fleet_controller/hosts/variables.py",
    "plugins/fleet_controller/catalogue/scenarios.py",
    "plugins/fleet_controller/planning/state_elsewhere.py",
)


def test_what_is_told_in_parts_has_all_of_them_wherever_it_is_told():
    """An entry shows one case; this looks at every place for a part that nobody gave."""
    lacking = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        shown = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and shown not in PLACED_BY_CALLERS:
                needed = {"UserError": 4, "Problem": 4, "Impossible": 3}.get(_name(node), 0)
                handed_on = any(isinstance(item, ast.Starred) for item in node.args)
                if not handed_on and len(node.args) + len(node.keywords) < needed:
                    lacking.append(f"{shown}:{node.lineno}")
    assert lacking == []


def _name(node):
    return getattr(node.func, "id", getattr(node.func, "attr", ""))
