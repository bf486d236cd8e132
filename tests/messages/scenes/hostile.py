"""Hosts that send what no host of ours would."""

from __future__ import annotations

import contextlib
import gzip
import json
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

from ansible.errors import AnsibleError
from fleet_controller.ansible import before_plays, strangers
from fleet_controller.runs import fetch, poll
from fleet_controller.runs.host_result import Reader
from fleet_controller.runs.patience import Endless
from fleet_controller.untrusted import answer_limits, unpack

from tests.as_module import loaded
from tests.messages.scenes.common import Told, _archive, _member, _named_runs
from tests.unit.controller.finished_run import SCENARIOS, Run


def no_room_for_archives(tmp: Path) -> None:
    with mock.patch.object(unpack.shutil, "disk_usage", return_value=mock.Mock(free=7_000_000)):
        unpack.room(tmp)


def _sends(*answers: dict[str, Any]) -> Any:
    waiting = iter(answers)
    return lambda _offset: next(waiting)


def archive_far_too_large(tmp: Path) -> None:
    fetch.bring(_sends({"size": 10**15, "data": "eA=="}), tmp, "h1")


def archive_longer_than_said(tmp: Path) -> None:
    fetch.bring(_sends({"size": 1, "data": "eHh4"}), tmp, "h1")


def archive_in_no_base64(tmp: Path) -> None:
    fetch.bring(_sends({"size": 1, "data": "!"}), tmp, "h1")


def archive_of_no_size(tmp: Path) -> None:
    fetch.bring(_sends({"size": "all", "data": ""}), tmp, "h1")


def archive_byte_by_byte(tmp: Path) -> None:
    fetch.bring(_sends({"size": 10**8, "data": "eA=="}), tmp, "h1")


def facts_become_variables(_tmp: Path) -> None:
    found = (True, "env: ANSIBLE_INJECT_FACT_VARS")
    with mock.patch.object(strangers.constants.config, "get_config_value_and_origin", return_value=found):
        strangers.refuse_facts_as_variables()


def start_at_a_task(_tmp: Path) -> None:
    with mock.patch.object(before_plays.context, "CLIARGS", {"start_at_task": "Report"}):
        before_plays.refuse_options()


def stage_of_a_playbook_that_is_one(_tmp: Path) -> None:
    typed = {"args": ("playbooks/verify.yml",), "tags": ["verify"]}
    with mock.patch.object(before_plays.context, "CLIARGS", typed):
        before_plays.refuse_options()


def host_of_a_strange_name(tmp: Path) -> None:
    fetch.bring(_sends(), tmp, "..")


def answer_without_end(_tmp: Path) -> None:
    with answer_limits.bounded_memory(most=10**9):
        raise MemoryError


def result_too_long(tmp: Path) -> None:
    (tmp / "result.json").write_text("{}")
    with mock.patch.object(fetch, "BYTES_LIMIT", 1):
        fetch.verdicts_in(tmp)


def _sent(tmp: Path, *members: tarfile.TarInfo) -> None:
    unpack.unpack(_archive(tmp, *members), tmp / "hosts")


def sent_a_way_out(tmp: Path) -> None:
    _sent(tmp, _member("../x"))


def sent_a_device(tmp: Path) -> None:
    _sent(tmp, _member("disk", type=tarfile.CHRTYPE))


def sent_no_name(tmp: Path) -> None:
    _sent(tmp, _member("a\tb"))


def sent_a_long_name(tmp: Path) -> None:
    _sent(tmp, _member("x" * 300))


def sent_twice(tmp: Path) -> None:
    _sent(tmp, _member("a"), _member("a"))


def sent_too_much(tmp: Path) -> None:
    with mock.patch.object(unpack, "BYTES_LIMIT", 10):
        _sent(tmp, _member("a", size=100))


def sent_half(tmp: Path) -> None:
    path = _archive(tmp, _member("a", size=10_000))
    path.write_bytes(path.read_bytes()[:60])
    unpack.unpack(path, tmp / "hosts")


def sent_no_archive(tmp: Path) -> None:
    with mock.patch.object(unpack, "_members", side_effect=KeyError("x")):
        _sent(tmp, _member("a"))


def _bounded(tmp: Path, limit: int = 10) -> Any:
    (tmp / "x.gz").write_bytes(gzip.compress(b"x" * 1000))
    return unpack._Bounded(gzip.open(tmp / "x.gz", "rb"), limit)


def sent_a_large_header(tmp: Path) -> None:
    with contextlib.closing(_bounded(tmp)) as stream:
        stream.read(10**9)


def sent_backwards(tmp: Path) -> None:
    with contextlib.closing(_bounded(tmp)) as stream:
        stream.seek(0, 2)


def sent_without_end(tmp: Path) -> None:
    with contextlib.closing(_bounded(tmp)) as stream:
        stream.seek(10**12)


def _result(tmp: Path, **changes: Any) -> None:
    run = Run(tmp)
    with _named_runs():
        run.begin("h1")
    run.comes_back("h1", changes=changes)
    Reader([scenario["id"] for scenario in SCENARIOS]).read(run.folder / "hosts/h1", "h1")


def result_of_another_host(tmp: Path) -> None:
    _result(tmp, host="h2")


def result_of_another_form(tmp: Path) -> None:
    _result(tmp, seconds="many")


def result_not_readable(tmp: Path) -> None:
    (tmp / "result.json").write_text("{")
    Reader([]).read(tmp, "h1")


def result_of_strange_scenarios(tmp: Path) -> None:
    run = Run(tmp)
    with _named_runs():
        run.begin("h1")
    run.comes_back("h1")
    Reader(["baseline"]).read(run.folder / "hosts/h1", "h1")


def result_with_a_scenario_twice(tmp: Path) -> None:
    run = Run(tmp)
    with _named_runs():
        run.begin("h1")
    found = run.comes_back("h1")
    found["scenarios"].append(found["scenarios"][0])
    run.brings("h1", json.dumps(found))
    Reader([scenario["id"] for scenario in SCENARIOS]).read(run.folder / "hosts/h1", "h1")


def poll_too_long(_tmp: Path) -> None:
    with mock.patch.object(poll, "LONGEST", 10):
        poll.read("x" * 11, 0)


def _fetches(problem: Exception) -> None:
    module = loaded("plugins/action/stress_plan.py")
    plugin = mock.Mock()
    plugin._task.args = {"engine_python": "/x", "results_dir": "/results", "run_id": "r1"}
    with mock.patch.object(module, "bring", side_effect=problem):
        raise Told(module.ActionModule._fetch(plugin, "h1", "/run", mock.Mock())["msg"])


def archive_refused(_tmp: Path) -> None:
    _fetches(unpack.Hostile("`../x` leads out of its folder"))


def archive_that_takes_for_ever(_tmp: Path) -> None:
    _fetches(Endless())


def archive_not_fetched(_tmp: Path) -> None:
    _fetches(unpack.NoRoom("/results: only 7 MB are free on this disk; make room there"))


def host_that_makes_no_sense(_tmp: Path) -> None:
    module = loaded("plugins/action/stress_look.py")
    plugin = mock.Mock()
    plugin._look.side_effect = lambda *_: module.read_probe("fleet-stress: uid me", True)
    with mock.patch.object(module, "check_given"):
        raise Told(module.ActionModule.answer(plugin, {"inventory_hostname": "h1"})["msg"])


def sudo_asks_for_a_password(_tmp: Path) -> None:
    module = loaded("plugins/action/stress_look.py")
    plugin = mock.Mock(_task=mock.Mock(args={"stress_dir": "/var/lib/fleet-stress"}))
    plugin._probe.return_value = {"problems": [], "uid": 1000, "user": "ada", "python": "/usr/bin/python3"}
    said = "Premature end of stream waiting for become success.\n>>> Standard Error\nsudo: a password is required"
    plugin._execute_module.side_effect = AnsibleError(said)
    raise Told(module.ActionModule._look(plugin, "h1", {})["msg"])
