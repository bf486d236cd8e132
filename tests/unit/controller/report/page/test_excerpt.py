"""What of the bot's output a person reads first."""

import pytest
from fleet_controller.report.page import excerpt
from fleet_controller.report.page.excerpt import around, excerpts
from fleet_controller.report.page.seen import seen

TRACEBACK = "Traceback (most recent call last):\n  File x\nKeyError: 'a'"


def starts(*codes):
    return seen(
        {
            "starts": [
                {
                    "n": n,
                    "at": n,
                    "stderr": f"{n}.err",
                    "stdout": f"{n}.out",
                    "exit": {"code": code, "at": n, "by": "itself"},
                }
                for n, code in enumerate(codes, start=1)
            ]
        }
    )


def test_around_the_first_traceback():
    lines = [f"line {n}" for n in range(1, 101)]
    piece = around("\n".join([*lines, TRACEBACK, *lines, TRACEBACK, *lines]))
    assert piece.line == 97
    assert piece.text.splitlines()[4] == "Traceback (most recent call last):"
    assert (piece.traceback, piece.cut) == (True, True)


def test_without_one_the_end():
    piece = around("\n".join(str(n) for n in range(1, 101)))
    assert (piece.line, piece.text.splitlines()[-1], piece.traceback) == (77, "100", False)


def test_short_output_is_all_there():
    assert around("a\nb\n") == ("a\nb", 1, False, False)


def test_lines_and_texts_are_bounded():
    text = around("\n".join("x" * 10_000 for _ in range(24))).text
    assert len(text) < excerpt.TEXT_LIMIT + 100
    assert "more characters" in text.splitlines()[0]


def test_what_a_finding_names_comes_first_then_tracebacks(tmp_path):
    for name, text in {"1.err": TRACEBACK, "1.out": "hello", "2.err": "", "log/errors.log": "a line"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = excerpts(tmp_path, starts(1, 0), ["log/errors.log"])
    assert [item["file"] for item in found] == ["log/errors.log", "1.err", "1.out"]


def test_of_a_large_file_only_the_ends_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(excerpt, "SEARCHED", 100)
    monkeypatch.setattr(excerpt, "END", 20)
    (tmp_path / "1.err").write_text("a line\n" * 100 + "the last")
    (found,) = excerpts(tmp_path, starts(1), [])
    assert (found["text"].splitlines()[-1], found["line"], found["cut"]) == ("the last", None, True)


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "link", "..", "", "a\0b", "folder", "linked/secret"]
)
def test_a_name_leads_nowhere_else(tmp_path, name):
    folder = tmp_path / "evidence"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to("../secret")
    (folder / "linked").symlink_to("..")
    assert excerpts(folder, seen({}), [name]) == []
