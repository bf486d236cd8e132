"""plugins/filter/words.py: variables that the operator may write as a list or as words."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[4] / "plugins/filter/words.py"


@pytest.fixture(scope="module")
def filters():
    spec = importlib.util.spec_from_file_location("filter_words", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FilterModule().filters()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", []),
        (None, []),
        ([], []),
        ("torch", ["torch"]),
        ("torch, numpy>=2", ["torch", "numpy>=2"]),
        ("pandas<3,>=2,numpy", ["pandas<3,>=2", "numpy"]),
        ("pandas<3,!=2.1", ["pandas<3,!=2.1"]),
        ("docs/*,*.csv,.cache,/x", ["docs/*", "*.csv", ".cache", "/x"]),
        ("a\n b \n\n", ["a", "b"]),
        (["a, b", " c ", ""], ["a, b", "c"]),
        (("x", 5), ["x", "5"]),
        (7, ["7"]),
    ],
)
def test_a_list_or_words_as_e_gives_them(filters, said, words):
    assert filters["stress_words"](said) == words
