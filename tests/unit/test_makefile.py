"""The two commands of a bare machine: what `make` passes on, and what the locks promise."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


# -- what make passes on ------------------------------------------------------------------------------------


def make(*arguments):
    """What make would run for `stress`: the last line of a dry run, split as the shell would."""
    clean = {"PATH": os.environ["PATH"]}  # not the variables of the make that runs these tests
    dry = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "stress", *arguments],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    return shlex.split(dry.stdout.splitlines()[-1])


def test_nothing_said_is_nothing_passed_on():
    assert make() == [".venv/bin/ansible-playbook", "stress.yml"]


def test_all_that_was_said_is_passed_on():
    command = make(
        "BOT=mine",
        "BOT_SOURCE=../my bot",
        "BOT_REF=1.0",
        "PROFILE=soak",
        "SCENARIOS=sigterm,row:1.3",
        "STRESS_DIR=/srv/stress",
        "ARGS=-l 'linux:!web' -K",
    )

    assert command[:2] == [".venv/bin/ansible-playbook", "stress.yml"]
    assert command[2:14:2] == ["-e"] * 6
    assert [json.loads(said) for said in command[3:14:2]] == [
        {"bot": "mine"},
        {"bot_source": "../my bot"},
        {"bot_ref": "1.0"},
        {"profile": "soak"},
        {"scenarios": "sigterm,row:1.3"},
        {"stress_dir": "/srv/stress"},
    ]
    assert command[14:] == ["-l", "linux:!web", "-K"]


def test_a_variable_that_is_set_to_nothing_is_passed_on_to_be_refused():
    assert json.loads(make("BOT=")[3]) == {"bot": ""}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["SCENARIO=sigterm"], "did you mean SCENARIOS=?"),
        (["bot=mine"], "did you mean BOT=?"),
        (["REGION=eu"], "make help lists what there is"),
        (["strss"], "did you mean make stress?"),
    ],
)
def test_a_misspelled_word_begins_nothing(words, told):
    done = subprocess.run(
        ["make", *words], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_every_variable_that_the_makefile_reads_can_be_given():
    text = (ROOT / "Makefile").read_text()
    read = {
        *re.findall(r"\$\((?:call extra,|value )?([A-Z_]+)[,)]", text),
        *re.findall(r"\(or \$\((\w+)\)", text),
    }
    (given,) = re.findall(r"^VARIABLES := (.+)$", text, re.MULTILINE)
    of_its_own = {name for name in read if re.search(rf"^(export )?{name} :?=", text, re.MULTILINE)}

    assert set(given.split()) == read - of_its_own - {"CURDIR"}


@pytest.mark.parametrize(
    "value",
    ["it's here", 'a "quoted" word', "two  spaces ", "$HOME $(HOME)", "`id`;|&", "back\\slash", "#(", "ü"],
)
def test_a_value_arrives_to_the_letter(value):
    assert json.loads(make(f"BOT_SOURCE={value}")[3]) == {"bot_source": value}


# -- what the locks promise ---------------------------------------------------------------------------------


def pins(lock):
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_of_a_lock_is_pinned_and_hashed(lock):
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert requirements
    for requirement in requirements:
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+(\s+--hash=sha256:[0-9a-f]{64})+\s*", requirement)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_machine(lock):
    assert not re.search(r"://|file:/|index-url|find-links|trusted-host|(^|\s)[/~]", lock.read_text())


def test_locks_do_not_contradict_each_other():
    controller, develop, host = (
        pins(ROOT / f"requirements/{name}.lock") for name in ("controller", "develop", "host")
    )

    assert {"ansible-core", "pytest", "setuptools", "wheel"} <= controller.keys()
    assert host.keys() == {"jmespath", "mfusepy", "pip", "psutil"}
    for name in develop.keys() & controller.keys():
        assert develop[name] == controller[name]
    for name in host.keys() & controller.keys():
        assert host[name] == controller[name]


# -- what `make help` says ----------------------------------------------------------------------------------

TARGETS = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
#: Made on the way to the others; nobody types them.
ON_THE_WAY = {"controller", "develop"}


@pytest.fixture(scope="module")
def help_lines():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_target_has_one_line(help_lines):
    told = [line.split()[1] for line in help_lines if line.startswith("  make ")]

    assert sorted(told) == sorted({name for line in TARGETS for name in line.split()} - ON_THE_WAY)


def test_the_lines_are_aligned_and_fit_a_terminal(help_lines):
    starts = {re.match(r"  (make )?\S+ +", line).end() for line in help_lines if line.startswith("  ")}

    assert starts == {18}
    assert [line for line in help_lines if len(line) > 110] == []


def test_every_variable_that_is_passed_on_is_explained(help_lines):
    passed_on = re.findall(r"\$\(call extra,(\w+),", (ROOT / "Makefile").read_text())
    told = {line.split("=")[0].strip() for line in help_lines if re.match(r"  [A-Z_]+= ", line)}

    assert told == {*passed_on, "ARGS"} - {"LIST"}, "LIST= stands beside its target"


def test_help_fits_a_terminal_of_80_characters():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make results" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []
