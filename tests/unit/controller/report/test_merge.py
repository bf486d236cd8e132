"""Runs of several controllers become one, and nothing that one of them brings is believed unseen."""

import json
import os
import re
import shutil

import pytest
from fleet_controller.catalogue import schema
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError
from fleet_controller.report.merge import merge
from fleet_controller.report.report import write
from fleet_controller.results.results import collect
from fleet_controller.results.slices import slices, sources
from fleet_controller.runs.run_folder import close_run
from jsonschema import Draft202012Validator

from tests.unit.controller.finished_run import GIT, Run

FAILED = ("failed", "start 2 exited 1")
HEAD = ("ansible-playbook", "stress.yml", "-i", "inventory/far.yml", "-e", "stress_dir=/srv/x")


class Fleet:
    """A controller's results to merge into, and slices that lie elsewhere."""

    def __init__(self, folder):
        self.folder, self.results = folder, folder / "here"
        self.words = []

    def slice(self, *hosts, source=GIT, lost=(), command=HEAD, **verdicts):
        """A controller's finished run; returns it."""
        run = Run(self.folder / f"slice{len(self.words) + 1}")
        run.begin(*hosts, *lost, source=source)
        for name in hosts:
            run.comes_back(name, **verdicts)
            (run.folder / "hosts" / name / "evidence/baseline/out.txt").write_text(f"said by {name}")
        write(run.folder, run.collect(dict.fromkeys(lost, "UNREACHABLE"), unreachable=lost, command=command))
        close_run(run.results_dir, run.run_id)
        self.words.append(str(run.folder))
        return run

    def merge(self, *words, inventory=()):
        found = slices(self.results, list(words) or self.words, Project(relative_to=self.folder))
        return merge(self.results, found, inventory)

    def refusal(self, *words):
        with pytest.raises(UserError) as caught:
            self.merge(*words)
        assert not list(self.results.glob("*/run.json")), "a refused merge leaves nothing"
        assert not list(self.results.glob(".merge-*"))
        return str(caught.value)


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path)


def results_of(merged):
    return json.loads((merged.folder / "results.json").read_text(encoding="utf-8"))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def change(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_hosts_of_all_slices_are_in_one_run(fleet):
    fleet.slice("h1", "h3")
    fleet.slice("h2", sigkill_restart=FAILED)

    merged = fleet.merge()

    results = results_of(merged)
    Draft202012Validator(schema.stored("results")).validate(results)
    assert list(results["hosts"]) == ["h1", "h2", "h3"]
    assert results["counts"]["passed"] == 8
    assert results["counts"]["failed"] == 1
    assert results["verdict"] == "failed"
    evidence = results["hosts"]["h2"]["scenarios"][0]["evidence"]
    assert (merged.folder / evidence / "out.txt").read_text() == "said by h2"
    assert (merged.folder / "junit.xml").is_file()
    assert (fleet.results / "latest").readlink().name == merged.run_id


def test_a_merged_run_is_a_run_as_any_other(fleet):
    fleet.slice("h1", lost=["h2"])
    fleet.slice("h3")
    merged = fleet.merge()
    stored = results_of(merged)

    assert collect(merged.folder) == stored, "a report that is made again says the same"
    assert stored["hosts"]["h2"]["verdict"] == "unreachable"
    assert stored["hosts"]["h2"]["problem"] == "UNREACHABLE"


def test_the_same_merge_is_the_same_run_whatever_the_order(fleet):
    fleet.slice("h1")
    fleet.slice("h2")
    first = fleet.merge()
    before = contents(fleet.results)

    again = fleet.merge(*reversed(fleet.words))

    assert (again.run_id, first.new, again.new) == (first.run_id, True, False)
    assert contents(fleet.results) == before


def test_the_slices_are_not_changed(fleet):
    one, _ = fleet.slice("h1"), fleet.slice("h2")
    before = contents(fleet.folder / "slice1"), contents(fleet.folder / "slice2")

    merged = fleet.merge()

    assert (contents(fleet.folder / "slice1"), contents(fleet.folder / "slice2")) == before
    own = merged.folder / "hosts/h1/evidence/baseline/out.txt"
    assert own.samefile(one.folder / "hosts/h1/evidence/baseline/out.txt"), "linked on the same disk"


def test_what_cannot_be_linked_is_copied(fleet, monkeypatch):
    fleet.slice("h1")
    fleet.slice("h2")

    def other_disk(*_, **__):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", other_disk)
    merged = fleet.merge()

    assert (merged.folder / "hosts/h1/evidence/baseline/out.txt").read_text() == "said by h1"


def test_commands_that_repeat_are_those_of_each_slice(fleet):
    fleet.slice("h1")
    fleet.slice("h2", command=("ansible-playbook", "stress.yml"))

    hosts = results_of(fleet.merge())["hosts"]

    assert hosts["h1"]["scenarios"][2]["repeat"] == (
        "ansible-playbook stress.yml -i inventory/far.yml -e stress_dir=/srv/x -l h1 -e bot=reference"
        " -e bot_source=https://x.org/b.git -e bot_ref=v1 -e profile=smoke -e scenarios=sigkill_restart"
    )
    assert hosts["h2"]["scenarios"][2]["repeat"].startswith("ansible-playbook stress.yml -l h2 ")


def test_an_inventory_that_was_named_is_in_all_commands(fleet):
    fleet.slice("h1")
    fleet.slice("h2")

    hosts = results_of(fleet.merge(inventory=["all.yml"]))["hosts"]

    for name in ("h1", "h2"):
        begins = f"ansible-playbook stress.yml -i all.yml -e stress_dir=/srv/x -l {name} "
        assert hosts[name]["scenarios"][0]["repeat"].startswith(begins)


@pytest.mark.parametrize(
    "words",
    [
        "rm -rf / -l h1",
        "ansible-playbook stress.yml -e ansible_connection=local -l h1",
        'ansible-playbook stress.yml -e \'{"stress_dir": 1, "x": 2}\' -l h1',
        "ansible-playbook stress.yml --ssh-common-args=-oProxyCommand=x -l h1",
        "ansible-playbook stress.yml -i --become -l h1",
        "ansible-playbook 'stress.yml",
        "no limit",
    ],
)
def test_a_strangers_command_is_not_taken(fleet, words):
    path = fleet.slice("h1").folder / "results.json"
    path.write_text(
        re.sub(r'"repeat": ".*?(?<!\\)"', lambda _: f'"repeat": {json.dumps(words)}', path.read_text())
    )
    fleet.slice("h2")

    command = results_of(fleet.merge())["hosts"]["h1"]["scenarios"][0]["repeat"]

    assert command.startswith("ansible-playbook stress.yml -l h1 -e bot=reference ")


def test_a_folder_that_is_elsewhere_on_each_controller_is_in_no_command(fleet, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        place = str(tmp_path / name)
        fleet.slice(f"h{name}", source={"kind": "controller", "source": place, "path": place})

    assert "bot_source" not in results_of(fleet.merge())["hosts"]["ha"]["scenarios"][0]["repeat"]


def test_runs_may_be_named_by_id_by_folder_and_by_a_folder_of_one_run(fleet):
    one = fleet.slice("h1")
    fleet.slice("h2")
    shutil.copytree(one.folder, fleet.results / one.run_id)

    assert fleet.merge(one.run_id, "slice2").new


def test_the_same_host_twice_is_refused(fleet):
    fleet.slice("h1", "h2")
    fleet.slice("h2", "h3")

    assert "host h2 is in two runs" in fleet.refusal()


def unlike(name, value):
    """Another word in the records of a run."""

    def spoil(run):
        for path in (run.folder / "run.json", run.folder / "results.json"):
            change(path, **{name: value})

    return spoil


def other_scenarios(run):
    """One scenario fewer."""
    path = run.folder / "results.json"
    document = json.loads(path.read_text())
    document["scenarios"].pop()
    for host in document["hosts"].values():
        host["scenarios"].pop()
    path.write_text(json.dumps(document))


def other_steps(run):
    """The same names, and other scenarios behind them."""
    path = run.folder / "compiled.json"
    document = json.loads(path.read_text())
    document["scenarios"][1]["within"] = 9
    path.write_text(json.dumps(document))


def other_known(run):
    """One of them began with a list of known findings."""
    path = run.folder / "compiled.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "known": {"file": "x", "entries": []}}))


def other_code(run):
    """The bot's copy on the host has another name, and so another content."""
    for name in ("slice1", "slice2"):
        for host in run.folder.parents[1].glob(f"{name}/2*/hosts/*"):
            (host / "plan.json").write_text(json.dumps({"bot": {"copy": f"/x/bots/reference-{name}"}}))


UNLIKE = {
    "bot": (unlike("bot", "other"), "bot: reference and other"),
    "profile": (unlike("profile", "soak"), "profile: smoke and soak"),
    "source": (
        unlike("bot_source", {**GIT, "source": "https://y.org"}),
        "the bot's source: https://x.org/b.git",
    ),
    "ref": (unlike("bot_source", {**GIT, "ref": "v2"}), "the bot's ref: v1 and v2"),
    "version": (unlike("versions", {"fleet_stress": "9"}), "versions of fleet-stress: 0.1.0 and 9"),
    "scenarios": (other_scenarios, "scenarios that only one of them has: sigkill_restart"),
    "steps": (other_steps, "were others when they were compiled"),
    "known": (other_known, "their lists of known findings were others"),
    "code": (other_code, "the bot's code: reference-slice1 and reference-slice2"),
}


@pytest.mark.parametrize(("spoil", "told"), UNLIKE.values(), ids=UNLIKE)
def test_slices_of_different_commands_are_refused(fleet, monkeypatch, spoil, told):
    ids = iter(["20261124-141200-aaaaaa", "20261124-141300-bbbbbb"])
    monkeypatch.setattr("fleet_controller.runs.run_folder.new_id", lambda: next(ids))
    fleet.slice("h1")
    spoil(fleet.slice("h2"))

    assert told in fleet.refusal()


def rewritten(name, text):
    return lambda folder: (folder / name).write_text(text)


def link(name, target):
    def spoil(folder):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return spoil


def pipe(name):
    def spoil(folder):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return spoil


def huge(name):
    def spoil(folder):
        with (folder / name).open("ab") as stream:
            stream.truncate(501_000_000)

    return spoil


def host_named(name):
    """A host whose name would lead out of the folder."""

    def spoil(folder):
        path = folder / "results.json"
        document = json.loads(path.read_text())
        document["hosts"][name] = document["hosts"].pop("h1")
        path.write_text(json.dumps(document))

    return spoil


DAMAGED = {
    "no results": (lambda folder: (folder / "results.json").unlink(), "that file is not there"),
    "no compiled": (lambda folder: (folder / "compiled.json").unlink(), "that file is not there"),
    "running": (lambda folder: change(folder / "run.json", state="running"), "the run has not ended"),
    "another run": (lambda folder: change(folder / "run.json", run_id="r2"), "speak of different runs"),
    "no JSON": (rewritten("results.json", "{"), "the run is damaged"),
    "too deep": (rewritten("results.json", "[" * 200_000), "the run is damaged"),
    "not a number": (rewritten("run.json", '{"seconds": NaN}'), "NaN is no number"),
    "other words": (lambda folder: change(folder / "results.json", more=1), "Additional properties"),
    "known is a word": (lambda folder: change(folder / "compiled.json", known="x"), "the run is damaged"),
    "compiled is a list": (rewritten("compiled.json", "[]"), "is not of type 'object'"),
    "a link for results": (link("results.json", "/etc/passwd"), "the run is damaged"),
    "a pipe for results": (pipe("results.json"), "it is no regular file"),
    "too large": (huge("results.json"), "no such file has more than"),
    "name leads out": (host_named("../../x"), "is no name of a host"),
    "name of nothing": (host_named(".."), "is no name of a host"),
    "name with an escape": (host_named("a\x1bb"), "is no name of a host"),
    "a link in the evidence": (
        link("hosts/h1/evidence/baseline/out.txt", "/etc/shadow"),
        "neither a file nor",
    ),
    "a link for a host": (
        lambda folder: (shutil.rmtree(folder / "hosts/h1"), (folder / "hosts/h1").symlink_to("/etc")),
        "it is a link",
    ),
    "a pipe in the evidence": (pipe("hosts/h1/evidence/x"), "neither a file nor a folder"),
    "a strange name": (rewritten("hosts/h1/evidence/a\x1b[2Jb", ""), "is no name of evidence"),
    "too much evidence": (huge("hosts/h1/evidence/x"), "more than"),
    "evidence is not there": (
        lambda folder: shutil.rmtree(folder / "hosts/h1"),
        "the results of h1 do not agree",
    ),
    "a damaged host": (rewritten("hosts/h1/result.json", "{"), "the results of h1 do not agree"),
}


@pytest.mark.parametrize(("spoil", "told"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_or_hostile_is_refused(fleet, spoil, told):
    spoil(fleet.slice("h1").folder)
    fleet.slice("h2")

    said = fleet.refusal()

    assert told in said
    assert "\x1b" not in said


def test_a_word_that_is_no_run_is_told_with_what_there_is(fleet):
    fleet.slice("h1")

    assert "there is no run `20260101-000000-abcdef`" in fleet.refusal("slice1/", "20260101-000000-abcdef")
    assert "there is no such folder" in fleet.refusal("slice1/", "/no/such/folder")


def test_a_merge_that_was_killed_leaves_nothing_that_the_next_one_stumbles_over(fleet):
    fleet.slice("h1")
    fleet.slice("h2")
    (fleet.results / ".merge-20261124-141200-dead00/hosts").mkdir(parents=True)

    assert fleet.merge().new
    assert not list(fleet.results.glob(".merge-*"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "nothing to merge"),
        ("one", "nothing to merge"),
        ([1, 2], "names no runs"),
        ({"a": 1}, "names no runs"),
    ],
)
def test_what_names_no_runs_is_refused(asked, told):
    with pytest.raises(UserError, match=told):
        sources(asked)


def test_runs_are_named_as_text_or_as_a_list():
    assert sources("a, b,c") == sources(["a", "b", "c"]) == ["a", "b", "c"]
