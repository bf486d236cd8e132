from pathlib import Path

import pytest
from fleet_controller.catalogue.located_yaml import Lines, parse, read
from fleet_controller.messages.errors import UserError
from hypothesis import given
from hypothesis import strategies as st


def load(text):
    return parse(text, Path("a.yml"), "a.yml")


def refusal(text):
    with pytest.raises(UserError) as caught:
        load(text)
    return str(caught.value)


def test_values_and_where_they_stand():
    document = load("a: 1\nsteps:\n  - wait:\n      then: 2s\n  - signal: KILL\n")
    assert document.value == {"a": 1, "steps": [{"wait": {"then": "2s"}}, {"signal": "KILL"}]}
    assert document.lines["steps",] == Lines(key=2, value=3)
    assert document.where(("steps", 0, "wait", "then")) == "a.yml:4: steps.1.wait.then"
    assert document.where(("steps",), key=True) == "a.yml:2: steps"


def test_what_the_file_does_not_have_is_shown_where_it_would_be():
    assert load("a:\n  b: 1\n").where(("a", "b", 0, "made")) == "a.yml:2: a.b.1.made"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ("12", 12),
        ("1.30", 1.3),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("!!str 5", "5"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written, read_as):
    value = load(f"a: {written}\n").value["a"]
    assert (value, type(value)) == (read_as, type(read_as))


def test_a_key_twice_is_refused_with_both_lines():
    assert refusal("a: 1\nb: 2\na: 3\n") == (
        "the key `a` is there twice\n"
        "   where: a.yml:3\n"
        "   why:   it is in line 1 already, and only one of the two could count\n"
        "   do:    take one of them out"
    )


def test_broken_yaml_is_told_with_its_line():
    assert refusal('a: 1\nb: "open\nc: 2\n') == (
        "is not valid YAML\n"
        "   where: a.yml:4\n"
        "   why:   found unexpected end of stream\n"
        "   do:    look at this line and the one before: a quote, a colon or the indentation"
    )


def test_a_tab_is_called_a_tab():
    assert "   why:   tabs cannot indent in YAML" in refusal("a:\n\tb: 1\n")


def test_a_template_without_quotes_is_told_to_be_quoted():
    assert refusal("a:\n  b: {{ cycles }}\n") == (
        "a mapping or list stands where a key belongs\n"
        "   where: a.yml:2\n"
        "   why:   keys are words\n"
        '   do:    put a value that begins with {{ in quotes: "{{ name }}"'
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("a: 1\n---\nb: 2\n", "a second document begins"),
        ("a: &x 1\nb: *x\n", "anchors and aliases (&, *) are not read here"),
        (
            "a: !!python/object:os.system x\n",
            "the tag tag:yaml.org,2002:python/object:os.system is not read here",
        ),
        ("1.3: x\n", "the key `1.3` is not text"),
        ("a: 1e999\n", "the number 1e999… is too large"),
        ("[" * 5000, "is more than 40 levels deep"),
        ("a: \x00\n", "is not valid YAML"),
    ],
)
def test_what_is_no_plain_data_is_refused(text, what):
    assert refusal(text).splitlines()[0] == what


def test_what_cannot_be_read_is_a_refusal_as_well(tmp_path):
    (tmp_path / "latin.yml").write_bytes(b"a: 1\nb: \xe9\n")
    for path, what, where in (
        (tmp_path / "missing.yml", "is not a file", "x.yml"),
        (tmp_path, "is not a file", "x.yml"),
        (Path("/dev/zero"), "is not a file", "x.yml"),
        (tmp_path / "latin.yml", "is not UTF-8 text", "x.yml:2"),
    ):
        with pytest.raises(UserError) as caught:
            read(path, "x.yml")
        assert str(caught.value).splitlines()[:2] == [what, f"   where: {where}"]


@given(st.text(alphabet="ab:-[]{}'\"\n\t #&*!|>1.%,?\\", max_size=40))
def test_no_text_does_more_than_be_refused(text):
    try:
        document = load(text)
    except UserError as error:
        assert "a.yml" in str(error)
    else:
        assert document.lines
