"""Which lines of a Python program hold more and more memory: told by itself, without a change of its code."""

import os
import subprocess
import sys
import time

import pytest

from fleet_stress.observe.explained_memory import ExplainedMemory

LEAKS = """
import os, sys, time
kept = []
print(sorted(set(sys.modules) & {"tracemalloc", "threading", "json"}), flush=True)
while True:
    kept.append(bytes(10_000))
    time.sleep(0.01)
"""


@pytest.fixture
def explained(tmp_path):
    environment = {"PATH": os.environ["PATH"]}
    made = ExplainedMemory(tmp_path, environment, os.geteuid())
    return made, environment, tmp_path / "memory_lines/records"


def places(folder):
    return {f"{name}_dir": str(folder / name) for name in ("bot", "state", "tmp")}


def test_a_program_that_leaks_tells_the_line_and_has_imported_nothing_for_that(explained, tmp_path):
    made, environment, _ = explained
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/main.py").write_text(LEAKS)
    program = [sys.executable, str(tmp_path / "bot/main.py")]
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as bot:
        deadline, found = time.monotonic() + 60, []
        while not found and time.monotonic() < deadline:
            time.sleep(0.1)
            found = made.found(0.0, places(tmp_path))
        bot.kill()
        said = bot.stdout.read()

    line = found[0]["lines"][0]
    assert (line["file"], line["line"]) == ("bot/main.py", 6)
    assert line["bytes"] >= 10_000 * line["objects"] > 0
    assert said == "[]\n"


def write(records, *looks):
    text = "".join(f"{at}\t{size}\t{count}\t{line}\t{file}\n" for at, size, count, line, file in looks)
    (records / "7.lines").write_text(text)


def test_what_grew_while_it_warmed_up_is_not_told(explained, tmp_path):
    made, _, records = explained
    looks = [(at, 900 if at else 10, 1, 1, "a.py") for at in range(10)]
    looks += [(at, 10 + 5 * at, 1 + at, 2, "a.py") for at in range(10)]
    write(records, *looks)

    [process] = made.found(0.0, places(tmp_path))
    assert [(line["line"], line["bytes"], line["objects"]) for line in process["lines"]] == [(2, 30, 6)]
    assert (process["since"], process["until"]) == (3.0, 9.0)


@pytest.mark.parametrize(
    "text", ["", "torn", "1\t2\n", "nan\t1\t1\t1\ta\n", "1\t9" + "9" * 40 + "\t1\t1\ta\n"]
)
def test_what_is_no_look_is_passed_over(explained, tmp_path, text):
    made, _, records = explained
    (records / "7.lines").write_text(text)
    (records / "8.lines").symlink_to("/etc/passwd")

    assert made.found(0.0, places(tmp_path)) == []
