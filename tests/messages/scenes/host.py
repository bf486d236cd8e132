"""Hosts that cannot take a plan, plans that cannot be carried out, and a mistake of ours."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.planning.compile_command import compile_command

from fleet_stress.observe import bot_files
from fleet_stress.recovery import host_lock
from fleet_stress.run import handover
from fleet_stress.scenario import (
    arena,
    companions,
    current_bot,
    folders,
    numbers_command,
    scenario_command,
    stop_command,
    told_waits,
)
from fleet_stress.store.deletion import remove_tree
from fleet_stress.system import process
from fleet_stress.system.network.private_network import NetworkFailed
from fleet_stress.system.programs import Completed
from tests.as_module import loaded
from tests.messages.scenes.common import SINCE, Told, _marked
from tests.unit.controller.conftest import VOCABULARY, Catalogue


def _plan(tmp: Path, **changes: Any) -> dict[str, Any]:
    plan = {
        "format": 1,
        "engine_version": handover.__version__,
        "stress_dir": str(tmp),
        "host": "h1",
        "run_id": "r2",
        "plan_hash": "2",
        "bot": {"user": "nobody"},
        "scenarios": [],
    }
    return {**plan, **changes}


def _busy(tmp: Path, **about: str) -> Any:
    return mock.patch.object(host_lock, "holder", return_value={"pid": 4711, "since": SINCE, **about})


def other_engine(tmp: Path) -> None:
    handover.hand_over(_plan(_marked(tmp), engine_version="0.0.1"))


def no_marker(tmp: Path) -> None:
    handover.hand_over(_plan(tmp))


def no_user(tmp: Path) -> None:
    handover.hand_over(_plan(_marked(tmp), bot={"user": "nobody-of-that-name"}))


def root_user(tmp: Path) -> None:
    handover.hand_over(_plan(_marked(tmp), bot={"user": "root"}))


def other_run(tmp: Path) -> None:
    with _busy(tmp, run_id="r1", plan_hash="1", bot="reference", profile="smoke", by="ada@desk"):
        handover.hand_over(_plan(_marked(tmp)))


def busy_for_long(tmp: Path) -> None:
    with (
        _busy(tmp, doing="undoing what earlier runs left"),
        mock.patch.object(handover, "_OTHERS_WITHIN", -1.0),
    ):
        handover.hand_over(_plan(_marked(tmp)))


def held_by_hand(tmp: Path) -> None:
    with mock.patch.object(handover, "recover", return_value={"held": {"network_block": 42.0}}):
        handover.hand_over(_plan(_marked(tmp)))


def halted(tmp: Path) -> None:
    about = {"reason": "power cut announced", "by": "ada@desk", "since": SINCE}
    (_marked(tmp) / "halted.json").write_text(json.dumps(about), encoding="utf-8")
    handover.hand_over(_plan(tmp))


def command_not_allowed(tmp: Path) -> None:
    steps = [{"verb": "command", "args": {"argv": ["reboot"], "within": 1.0, "exit_code": 0}}]
    handover.hand_over(_plan(_marked(tmp), scenarios=[{"id": "mine", "steps": steps, "skip": None}]))


def supervisor_died(tmp: Path) -> None:
    (tmp / "runs/r2").mkdir(parents=True)
    run = handover.RunFolder(tmp / "runs/r2")
    run.log.write_text("no memory")
    with mock.patch("fleet_stress.system.daemon.start", return_value=2**22):
        handover._start_supervisor(run)


def deletes_what_is_not_ours(tmp: Path) -> None:
    (tmp / "precious.txt").touch()
    remove_tree(tmp / "precious.txt")


def _arena(tmp: Path, **changes: Any) -> Any:
    made = mock.Mock(spec=arena.Arena)
    made.bot = {"copy": str(tmp / "copy"), "argv": ["${python}", "main.py"], "python": "python3"}
    made.folder, made.places, made.environment = tmp / "arena", {}, mock.Mock()
    made.evidence, made.mark, made.allow_commands = mock.Mock(), "r1/mine", True
    made.evidence.folder = tmp
    made.evidence.document = {"commands": []}
    made.evidence.now.return_value = 0.0
    made.network, made.user, made.beside, made._needs = None, None, mock.Mock(), frozenset()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def no_private_copy(tmp: Path) -> None:
    folders.make(tmp / "arena", tmp / "copy", {}, mock.Mock())


def too_much_to_copy(tmp: Path) -> None:
    for path in ("copy", "seed/a", "seed/b"):
        (tmp / path).mkdir(parents=True)
    with mock.patch.object(folders.tree_copy, "BOUNDED", folders.tree_copy.Limits(entries=1)):
        user = process.User("bot", os.getuid(), os.getgid())
        folders.make(tmp / "arena", tmp / "copy", {"state": str(tmp / "seed")}, user)


def no_network(tmp: Path) -> None:
    with mock.patch.object(
        arena, "Network", side_effect=NetworkFailed("ip link add: Operation not permitted")
    ):
        arena.Arena._make_private_network(_arena(tmp))


def no_loopback(tmp: Path) -> None:
    full = OSError("no network namespace: No space left on device")
    with mock.patch.object(arena.system, "enter_own_network", side_effect=full):
        arena.Arena._make_network(_arena(tmp, _kind="own"))


def no_mount_namespace(tmp: Path) -> None:
    made = _arena(tmp, scenario={"network": "private"}, network=mock.Mock())
    made.undo, made._make_network.return_value = mock.Mock(), {}
    made.confinement = mock.Mock()
    with (
        mock.patch.multiple(arena.folders, make=mock.DEFAULT, shadowed=mock.Mock(return_value={})),
        mock.patch.object(arena.system, "mount_private_folders", return_value=False),
    ):
        arena.Arena.__enter__(made)


def _companions(tmp: Path, places: dict[str, str], *about: dict[str, Any]) -> companions.Companions:
    profile = {"companions": about, "exchange": {"companion": "exchange"}}
    return companions.Companions(profile, mock.Mock(), tmp / "arena", tmp, places)


def companion_not_ready(tmp: Path) -> None:
    about = {"name": "exchange", "argv": ["x"], "ready_file": str(tmp / "ready")}
    with mock.patch.object(companions.process, "start") as start:
        start.return_value.poll.return_value = 1
        _companions(tmp, {}, about).start({}, None, frozenset(), mock.Mock())


def companion_without_a_port(tmp: Path) -> None:
    about = {"name": "exchange", "argv": ["x"], "ready_file": str(tmp / "ready")}
    (tmp / "ready").write_text("ready", encoding="utf-8")
    with mock.patch.object(companions.process, "start"):
        made = _companions(tmp, {"listen": "127.0.0.1"}, about)
        made.start({}, None, frozenset({"relay"}), mock.Mock())


def no_certificates(tmp: Path) -> None:
    (tmp / "arena/fault").mkdir(parents=True)
    about = {"name": "exchange", "argv": ["x"], "ready_file": str(tmp / "ready")}
    (tmp / "ready").write_text("8123", encoding="utf-8")
    with (
        mock.patch.object(companions.process, "start"),
        mock.patch.object(
            companions.certificates, "openssl", return_value=Completed(1, "", "unknown option -startdate")
        ),
    ):
        made = _companions(tmp, {"listen": "127.0.0.1", "outside": "127.0.0.1"}, about)
        made.start({}, None, frozenset({"relay", "tls"}), mock.Mock())


def starts_twice(tmp: Path) -> None:
    bot = current_bot.CurrentBot(_arena(tmp))
    bot.start = mock.Mock(running=True)
    bot.launch({})


def argv_cannot_be_started(tmp: Path) -> None:
    with mock.patch.object(
        current_bot, "Start", side_effect=FileNotFoundError(2, "No such file or directory", "python9")
    ):
        current_bot.CurrentBot(_arena(tmp)).launch({})


def stop_command_not_there(tmp: Path) -> None:
    problem = FileNotFoundError(2, "No such file or directory", "botctl")
    arena = mock.Mock(places={"python": "python3"}, launch_command=mock.Mock(side_effect=problem))
    stop_command.StopCommand(arena, {"command": ["botctl", "stop"]}, {}, "stop-01.out")


def waits_for_nobody(tmp: Path) -> None:
    current_bot.CurrentBot(_arena(tmp)).started()


def waits_for_samples_of_none(tmp: Path) -> None:
    current_bot.CurrentBot(_arena(tmp)).samples()


def waits_for_what_nothing_cut(tmp: Path) -> None:
    told_waits.ToldWaits(_arena(tmp), mock.Mock(), []).run("noticed", {})


def _command(tmp: Path, **entry: Any) -> None:
    with mock.patch.object(scenario_command, "Command") as command:
        command.return_value.entry = {**entry}
        command.return_value.run.side_effect = entry.get("raises")
        _command_step(tmp)


def _command_step(tmp: Path, **changes: Any) -> None:
    arguments = {"argv": ["./look"], "within": 5.0, "exit_code": 0}
    scenario_command.run_step(_arena(tmp, **changes), arguments, mock.Mock())


def command_in_no_plan(tmp: Path) -> None:
    _command_step(tmp, allow_commands=False)


def command_not_there(tmp: Path) -> None:
    _command(tmp, raises=FileNotFoundError(2, "No such file or directory", "./look"))


def numbers_command_not_there(tmp: Path) -> None:
    (tmp / "arena/fault").mkdir(parents=True)
    bot = {"state": {"account": {"path": "a.pickle", "format": "bytes", "numbers": ["./count", "${file}"]}}}
    [tracked] = bot_files.tracked(bot, {"state_dir": "/state", "log_dir": "/log"})
    gone = FileNotFoundError(2, "No such file or directory", "./count")
    with mock.patch.object(numbers_command.Command, "begin", side_effect=gone):
        numbers_command.NumbersCommand(_arena(tmp)).ask(tracked, b"")


def command_too_slow(tmp: Path) -> None:
    _command(tmp, ended="deadline")


def command_failed(tmp: Path) -> None:
    _command(tmp, ended="itself", exit={"code": 3, "signal": None})


def _compiles(tmp: Path, steps: str, vocabulary: Vocabulary = VOCABULARY) -> None:
    small = Catalogue(tmp)
    small.steps(steps + "\n- expect: [state_valid]")
    words = vocabulary._replace(lasting=frozenset({"slow_disk"}))
    compile_command("tiny", "smoke", "all", True, project=small.project, vocabulary=words)


def fault_twice(tmp: Path) -> None:
    _compiles(tmp, "- fault: {slow_disk: {delay: 1s}}\n- fault: {slow_disk: {delay: 1s}}")


def rule_that_cannot_be(tmp: Path) -> None:
    engine = Vocabulary.of_engine()._replace(checks=VOCABULARY.checks)
    _compiles(tmp, "- fault: {faulty_fs: {rules: [{on: [rename], kill: before}]}}", engine)


def command_without_time(tmp: Path) -> None:
    _compiles(tmp, "- command: {argv: [./look], within: 0s}")


def our_mistake(_tmp: Path) -> None:
    from tests.messages.ways import answer

    with mock.patch(
        "fleet_controller.report.listing.parts", side_effect=ZeroDivisionError("division by zero")
    ):
        raise Told(answer("stress_list", {})["msg"])


def nobody_watches(_tmp: Path) -> None:
    module = loaded("plugins/action/stress_plan.py")
    plugin = mock.Mock(_watcher=-1)
    plugin._task.args = {}
    module.ActionModule._patiently(plugin, mock.Mock())
