"""Tables of the documents name what there is, and nothing else: each is compared with what it is about."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from fleet_controller.catalogue import schema
from fleet_controller.hosts.variables import OF_PLAYS, documented
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.report import prometheus
from fleet_controller.report.formats import FORMATS
from fleet_controller.report.samples_csv import COLUMNS
from fleet_controller.results.results import RESULTS

from fleet_stress.faults import FAULTS
from fleet_stress.faults.protocol import Fault
from fleet_stress.run.capabilities import all_unable
from tests.doubles.fixture import mac  # noqa: F401

from .pages import ROOT, blocks

#: Read by `hosts:` before any role is there, so no role can hold its default.
BEFORE_ROLES = set(OF_PLAYS)


def table(page, head):
    """The first cells of a table's rows, by the words in its head."""
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = text.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [re.split(r"(?<!\\) \| ", row.removeprefix("| "))[0] for row in rows]


def words(cells):
    """All words in backticks."""
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_the_readmes_variables_are_there():
    named = set(words(table("README.md", "variable")))

    assert named
    assert named - BEFORE_ROLES <= set(documented())
    for name in BEFORE_ROLES & named:
        assert f"{name} | default(" in (ROOT / "playbooks/run.yml").read_text(encoding="utf-8")


def test_every_key_of_a_bot_profile_is_explained():
    assert sorted(words(table("docs/write-a-bot-profile.md", "key"))) == sorted(
        schema.stored("bot")["properties"]
    )


def test_every_verb_of_a_scenario_is_explained():
    verbs = [word.split(":")[0] for word in words(table("docs/write-a-scenario.md", "step"))]

    assert sorted(verbs) == sorted(schema.stored("scenario")["$defs"]["step"]["properties"])


def test_the_parts_of_a_fault_are_its_descriptors_in_its_order():
    parts = words(table("docs/write-a-fault.md", "part"))

    assert [part for part in {**Fault.__annotations__, **vars(Fault)} if part in parts] == parts


def test_the_proof_of_every_fault_is_explained():
    """`unplugged` is no fault that can be asked for: a person does it."""
    named = words(cell for cell in table("docs/evidence.md", "fault") if cell.startswith("`"))

    assert sorted(named) == sorted({*FAULTS, "unplugged"})


def test_every_file_of_a_run_is_named():
    files = words(table("docs/formats.md", "file"))

    ours = [name for name in files if name not in {"hosts/<host>/", "run.json", "compiled.json"}]
    assert sorted(ours) == sorted([RESULTS, *(item.name for item in FORMATS)])


def test_what_is_shown_of_a_runs_files_can_be_read():
    read = {"json": json.loads, "yaml": yaml.safe_load, "xml": ElementTree.fromstring}
    shown = [*blocks(ROOT / "docs/formats.md"), *blocks(ROOT / "docs/ci.md"), *blocks(ROOT / "docs/awx.md")]

    assert {word for item in shown for word in item.words} >= set(read)
    for item in shown:
        for word in item.words:
            assert read.get(word, bool)(item.text) is not None
    assert any(item.text.startswith(",".join(COLUMNS) + "\n") for item in shown)


def test_every_metric_is_named():
    text = Path(prometheus.__file__).read_text(encoding="utf-8")
    made = set(re.findall(r'"(fleet_stress_\w+)"', text))
    info = {f"{name}_info" for name in re.findall(r'InfoMetricFamily\("(\w+)"', text)}

    named = words(table("docs/formats.md", "metric"))
    assert {item for item in named if item.startswith("fleet_stress_")} == {
        *(name for name in made if f"{name}_info" not in info),
        *info,
    }


def test_every_column_of_the_samples_is_explained():
    assert [word for word in words(table("docs/formats.md", "column")) if word != "'"] == list(COLUMNS)


@pytest.mark.root
def test_rows_that_are_skipped_on_macos_are_named(mac, tmp_path):  # noqa: F811
    compiled = compile_command("reference", "smoke", "all")
    plan = {
        "stress_dir": str(tmp_path),
        "bot": compiled.bot,
        "scenarios": [scenario for scenario in compiled.scenarios if not scenario["skip"]],
    }
    rows = {scenario["id"]: scenario["row"] for scenario in compiled.scenarios}

    named = [row.strip() for cell in table("docs/macos.md", "rows") for row in cell.split(",")]

    assert sorted(named) == sorted(rows[name] for name in all_unable(plan))


@pytest.mark.parametrize("place", ["fleet_stress", "plugins/fleet_controller"])
def test_every_room_is_in_the_architecture(place):
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    tree = text.split(f"`{place}/`\n", 1)[1].split("```", 2)[1]

    named = re.findall(r"^(\w+)/ ", tree, flags=re.MULTILINE)
    assert sorted(named) == sorted(room.parent.name for room in (ROOT / place).glob("*/__init__.py"))
