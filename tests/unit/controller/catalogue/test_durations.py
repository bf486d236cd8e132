import re

import pytest
from fleet_controller.catalogue import schema
from fleet_controller.catalogue.durations import LONGEST, PATTERN, seconds
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2s", 2), ("0.5s", 0.5), ("10m", 600), ("6h", 21600), ("1.1m", 66), (3, 3), (0.25, 0.25), ("0s", 0)],
)
def test_a_duration_in_seconds(written, meant):
    assert seconds(written) == meant


@pytest.mark.parametrize(
    "written", ["", "s", "5", "5 s", "5sec", "-1s", "1e3s", "05s", "5s\n", -1, True, "99999h"]
)
def test_anything_else_is_refused(written):
    with pytest.raises(ValueError, match=r".+"):
        seconds(written)


@given(st.decimals(0, 700, places=3), st.sampled_from("smh"))
def test_whatever_is_written_as_a_duration_is_read(number, unit):
    assert seconds(f"{number}{unit}") == pytest.approx(float(number) * {"s": 1, "m": 60, "h": 3600}[unit])


@given(st.text(max_size=8))
def test_no_text_does_more_than_be_refused(text):
    try:
        value = seconds(text)
    except ValueError:
        assert not re.fullmatch(PATTERN, text) or float(text[:-1]) > 744
    else:
        assert 0 <= value <= LONGEST


@pytest.mark.parametrize("name", ["scenario", "bot"])
def test_the_schemas_mean_the_same_by_a_duration(name):
    number, text, *_ = schema.stored(name)["$defs"]["duration"]["anyOf"]
    assert text == {"type": "string", "pattern": PATTERN}
    assert number == {"type": "number", "minimum": 0, "maximum": LONGEST}
