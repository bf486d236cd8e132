"""A host's archive comes in parts, no more and no less of it than was asked for; whole, or not at all."""

import base64
import io
import json
import stat
import tarfile

import pytest
from fleet_controller.runs import fetch
from fleet_controller.runs.fetch import ARCHIVE_LIMIT, PART_BYTES, bring, part_in, verdicts_in
from fleet_controller.untrusted.unpack import Hostile, NoRoom

from tests.messages.codes import says

RESULT = json.dumps({"scenarios": [{"verdict": "passed"}, {"verdict": "failed"}, {"verdict": "passed"}]})


def packed(**members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as target:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            target.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def answering(data, most=100):
    """A host that answers as ours do."""
    return lambda at: {"size": len(data), "data": base64.b64encode(data[at : at + most]).decode()}


def kept(run):
    return sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())


def test_in_however_many_parts_it_comes_it_is_whole_in_its_place(tmp_path):
    target = bring(
        answering(packed(**{"result.json": RESULT.encode(), "log": bytes(5000)})), tmp_path, "h1", 100
    )

    assert target == tmp_path / "hosts/h1"
    assert kept(tmp_path) == ["hosts/h1/log", "hosts/h1/result.json"]
    assert verdicts_in(target) == {"passed": 2, "failed": 1}


def test_brought_again_nothing_of_the_first_time_is_left(tmp_path):
    bring(answering(packed(old=b"1")), tmp_path, "h1", 100)
    bring(answering(packed(new=b"2")), tmp_path, "h1", 100)

    assert kept(tmp_path) == ["hosts/h1/new"]


def test_while_it_is_looked_at_it_is_nobody_elses_business(tmp_path):
    seen = []

    def ask(at):
        seen.append(stat.S_IMODE((tmp_path / "arriving/h1/archive.tar.gz").stat().st_mode))
        return answering(packed(a=b"x" * 300), 60)(at)

    bring(ask, tmp_path, "h1", 60)
    assert len(seen) > 1
    assert set(seen) == {0o600}


GOOD, MORE = (base64.b64encode(b"x" * size).decode() for size in (10, 15))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([{}], "no part of an archive"),
        ([{"size": "9", "data": GOOD}], "no part of an archive"),
        ([{"size": True, "data": GOOD}], "no part of an archive"),
        ([{"size": -1, "data": GOOD}], "no part of an archive"),
        ([{"size": 20, "data": 7}], "no part of an archive"),
        ([{"size": 20, "data": "%%%%"}], "no part of an archive"),
        ([{"size": 20, "data": "\u00e4"}], "no part of an archive"),
        ([{"size": 10**12, "data": GOOD}], "an archive of 1000000000000 bytes"),
        ([{"size": 5, "data": GOOD}], "10 bytes where 5 were asked for"),
        ([{"size": 20, "data": GOOD}], "10 bytes where 15 were asked for"),
        ([{"size": 20, "data": MORE}, {"size": 30, "data": GOOD}], "an archive of 30 bytes"),
        ([{"size": 20, "data": MORE}, {"size": 20, "data": ""}], "0 bytes where 5 were asked for"),
        ([{"size": 10, "data": GOOD}], "not a whole archive"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_nothing_is_kept(tmp_path, answers, told):
    coming = iter(answers)

    with pytest.raises(Hostile, match=told):
        bring(lambda _: next(coming), tmp_path, "h1", 15)
    assert kept(tmp_path) == []


def test_what_is_refused_half_way_leaves_an_earlier_result_as_it_was(tmp_path):
    bring(answering(packed(a=b"1")), tmp_path, "h1", 100)
    with pytest.raises(Hostile):
        bring(answering(packed(**{"b": b"2", "../c": b"3"})), tmp_path, "h1", 100)

    assert kept(tmp_path) == ["hosts/h1/a"]


def test_a_host_that_would_be_asked_a_hundred_million_times_is_asked_once(tmp_path):
    asked = []

    def byte_by_byte(at):
        asked.append(at)
        return {"size": ARCHIVE_LIMIT, "data": "eA=="}

    with pytest.raises(Hostile, match=f"1 bytes where {PART_BYTES} were asked for"):
        bring(byte_by_byte, tmp_path, "h1")
    assert asked == [0]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../etc", "/etc"])
def test_a_host_whose_name_is_a_path_gets_no_folder(tmp_path, name):
    with pytest.raises(Hostile, match=says("host_of_a_strange_name")):
        bring(answering(packed(a=b"1")), tmp_path, name)
    assert kept(tmp_path) == []


def test_on_a_full_disk_nothing_is_begun(tmp_path, monkeypatch):
    def full(_):
        raise NoRoom("only 3 MB are free")

    monkeypatch.setattr(fetch, "room", full)
    with pytest.raises(NoRoom):
        bring(answering(packed(a=b"1")), tmp_path, "h1")
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "said", ["", "hello", "{", "[1]", '{"a": ', "{" * 100_000, '{"a":' * 100_000, "\x1b[2J{}"]
)
def test_what_a_host_prints_may_be_no_answer(said):
    with pytest.raises(Hostile):
        part_in(said)


def test_a_login_may_greet_before_the_answer():
    assert part_in('Welcome!\nNo mail.\n{"size": 1}\n') == {"size": 1}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"scenarios": 3}', '{"scenarios": [1]}', '{"scenarios": [{}]}', "[" * 100_000]
)
def test_a_result_that_is_none_is_told(tmp_path, text):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(Hostile, match=says("result_that_is_none")):
        verdicts_in(tmp_path)


def test_verdicts_that_nobody_knows_are_not_counted(tmp_path):
    odd = [{"verdict": item} for item in ("passed", "\x1b[2J", "great", "passed")]
    (tmp_path / "result.json").write_text(json.dumps({"scenarios": odd}))
    assert verdicts_in(tmp_path) == {"passed": 2}
