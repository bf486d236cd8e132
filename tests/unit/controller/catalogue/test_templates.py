from pathlib import Path

import pytest
from fleet_controller.catalogue.located_yaml import Document, Lines
from fleet_controller.catalogue.templates import render
from fleet_controller.messages.errors import Problems, UserError

NAMES = {"cycles": 5, "pause": "1s", "bot": {"name": "1.0", "state": {"ledger": {"path": "l.json"}}}}
HERE = Document(Path("a.yml"), "a.yml", None, {(): Lines(1, 1), ("steps",): Lines(7, 7)})


def worked_out(value):
    problems = Problems()
    result = render(HERE, value, ("steps",), NAMES, problems)
    problems.raise_any()
    return result


def refusal(text):
    with pytest.raises(UserError) as caught:
        worked_out(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ cycles }}", 5),
        ("{{cycles * 2}}", 10),
        ("{{- cycles -}}", 5),
        ("{{ 3 * 2 }}", 6),
        ("{{ pause }}", "1s"),
        ("{{ bot.name }}", "1.0"),
        ("{{ bot.state.ledger.path }}.bak", "l.json.bak"),
        ("{{ cycles }}{{ cycles }}", "55"),
        ("{{ bot.state.keys() | list }}", ["ledger"]),
        ("{{ missing | default(7) }}", 7),
        ("{% if cycles > 3 %}many{% endif %}", "many"),
        ("no template", "no template"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("${python}", "${python}"),
    ],
)
def test_an_expression_keeps_its_type_and_a_text_stays_text(text, value):
    result = worked_out(text)
    assert (result, type(result)) == (value, type(value))


def test_every_value_is_worked_out_and_no_key():
    assert worked_out({"{{ a }}": ["{{ cycles }}", 1, None]}) == {"{{ a }}": [5, 1, None]}


def test_an_undefined_name_is_told_with_its_place_and_the_nearest():
    assert refusal("{{ cycels }}") == (
        "`cycels` is not defined\n"
        "   where: a.yml:7: steps\n"
        "   why:   there is: bot, cycles, pause\n"
        "   do:    did you mean `cycles`?"
    )


def test_so_is_a_name_within_another():
    assert refusal("{{ bot.state.ledgr.path }}") == (
        "`ledgr` is not defined\n"
        "   where: a.yml:7: steps\n"
        "   why:   there is: ledger\n"
        "   do:    did you mean `ledger`?"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ cycles", "is no valid template"),
        ("{{ 1 / 0 }}", "cannot be worked out"),
        ("{{ bot.state.keys() | map('upper') }}", "cannot be worked out"),
        ("{{ cycles | random }}", "is no valid template"),
        ("{{ ''.__class__.__mro__ }}", "cannot be worked out"),
        ("{{ range(3) }}", "`range` is not defined"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(text, what):
    assert refusal(text).splitlines()[:2] == [what, "   where: a.yml:7: steps"]
