"""Hosts and bots that cannot do what a row needs."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.catalogue.bots import Bot
from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.planning.state_elsewhere import state_elsewhere

from fleet_stress.faults import FAULTS, unsupported
from fleet_stress.faults.disk import by_fuse, by_python, faulty_fs, fill, ram_volume, read_only, slow_disk
from fleet_stress.faults.network import (
    bad_certificate,
    bad_dns,
    bad_exchange,
    dead_proxy,
    network_block,
    network_cut,
)
from fleet_stress.faults.process import (
    broken_module,
    clock,
    control_group,
    cpu_quota,
    dead_output,
    fd_limit,
    memory_limit,
)
from fleet_stress.faults.rivals import database_lock, reader, rival
from fleet_stress.faults.site import Where
from fleet_stress.faulty_fs import attempt
from fleet_stress.recovery.manual import volume
from fleet_stress.system import fake_clock
from fleet_stress.system.darwin import descriptors, mounts
from fleet_stress.system.network import certificates, packet_filter, private_network
from tests.messages.scenes.common import Told


def _skips(fault: Any, arguments: dict[str, Any], network: str | None = None, **bot: Any) -> None:
    """The reason and what would enable it, as the verdict `skipped` says them."""
    kind = FAULTS[fault.__name__.rpartition(".")[2]]
    found = kind.supported(Where(Path("/var/lib/fleet-stress"), bot, network), arguments)
    raise Told(f"{found.reason}: {found.enable}")


def skips_slow_disk_elsewhere(_tmp: Path) -> None:
    with mock.patch.object(by_fuse.system, "HAS_FUSE", False):
        _skips(slow_disk, {}, argv=["./bot"])


def skips_slow_disk_of_an_isolated_bot(_tmp: Path) -> None:
    _skips(slow_disk, {"by": "python"}, argv=["${python}", "-I", "main.py"])


def skips_what_the_stand_in_has_not(_tmp: Path) -> None:
    with mock.patch.object(by_python, "EFFECTS", ("delay",)):
        rules = [{"on": ["fsync"], "at": 1, "freeze": 1}]
        _skips(faulty_fs, {"by": "python", "rules": rules}, argv=["${python}", "main.py"])


def skips_slow_disk_in_an_old_python(_tmp: Path) -> None:
    said = "RuntimeError: it needs Python 3.8 or newer, and this is 3.7.16"
    with mock.patch.object(by_python, "_tried", return_value=said):
        _skips(slow_disk, {"by": "python"}, argv=["${python}", "main.py"])


def skips_slow_disk_without_libfuse(_tmp: Path) -> None:
    said = "the faulty file system was not mounted: libfuse3 cannot be used: Unable to find libfuse"
    with mock.patch.object(by_fuse, "_tried", return_value=said):
        _skips(slow_disk, {"by": "fuse"})


def skips_slow_disk_in_a_container(_tmp: Path) -> None:
    said = io.StringIO()
    with (
        mock.patch.object(attempt.system, "mount_private_folders", return_value=False),
        mock.patch("sys.stderr", said),
    ):
        assert attempt.main(Path("/nonexistent")) == 1
    with mock.patch.object(by_fuse, "_tried", return_value=said.getvalue().strip()):
        _skips(slow_disk, {"by": "fuse"})


def skips_clock(_tmp: Path) -> None:
    with mock.patch.object(clock, "library", return_value=None):
        _skips(clock, {})


def _with_library(tmp: Path) -> contextlib.ExitStack:
    """A library is there; what is in it does not matter."""
    library = tmp / "libfaketime.so.1"
    library.write_bytes(b"")
    stack = contextlib.ExitStack()
    for module in (clock, fake_clock):
        stack.enter_context(mock.patch.object(module, "library", return_value=library))
    return stack


def skips_clock_of_another_program(tmp: Path) -> None:
    broken = OSError("a program that loads it breaks down: OSError: [Errno 22] Invalid argument")
    with _with_library(tmp), mock.patch.object(clock.FakeClock, "control", side_effect=broken):
        _skips(clock, {})


def skips_clock_blind(tmp: Path) -> None:
    blind = fake_clock.Control(0.0, monotonic_true=True, zone="UTC", dst=False)
    with _with_library(tmp), mock.patch.object(clock.FakeClock, "control", return_value=blind):
        _skips(clock, {})


def skips_clock_without_zones(tmp: Path) -> None:
    with _with_library(tmp), mock.patch.object(clock, "_ZONES", tmp):
        _skips(clock, {"night": "ends"})


def skips_volume(_tmp: Path) -> None:
    with mock.patch.object(
        ram_volume.system, "why_no_ram_volume", return_value="unshare: Operation not permitted"
    ):
        _skips(ram_volume, {"size": "20MB"})


def skips_read_only(_tmp: Path) -> None:
    with mock.patch.object(
        read_only.system, "why_no_private_read_only", return_value="unshare: Operation not permitted"
    ):
        _skips(read_only, {})


def skips_fd_limit(_tmp: Path) -> None:
    with mock.patch.object(fd_limit.system, "why_no_descriptor_limits", descriptors.why_no_descriptor_limits):
        _skips(fd_limit, {"left": 0})


def skips_memory_limit(_tmp: Path) -> None:
    with mock.patch.object(control_group.cgroups, "plan", return_value=[]):
        _skips(memory_limit, {"measure": True})


def skips_cpu_quota(_tmp: Path) -> None:
    with mock.patch.object(control_group.cgroups, "plan", return_value=[]):
        _skips(cpu_quota, {"share": 0.05})


def skips_dead_output(_tmp: Path) -> None:
    with mock.patch.object(dead_output.system, "SEES_DESCRIPTORS", False):
        _skips(dead_output, {"stdout": "closed"})


def skips_what_takes_its_cycles_away(tmp: Path) -> None:
    steps = [{"verb": "fault", "args": {"fault": "dead_output", "args": {"stdout": "unread"}}}]
    bot = {"cycle": {"file": "stdout"}, "state": {"orders": {"path": "orders.json", "rewritten": "change"}}}
    with mock.patch.object(dead_output.system, "SEES_DESCRIPTORS", True):
        found = unsupported(steps, Where(tmp, bot, None))
    assert found is not None
    raise Told(f"{found.reason}: {found.enable}")


def skips_large_volume(_tmp: Path) -> None:
    with (
        mock.patch.object(ram_volume.system, "why_no_ram_volume", return_value=None),
        mock.patch.object(volume.ram_volume.system, "memory_available", return_value=1_000_000),
    ):
        _skips(ram_volume, {"size": "20MB"})


def skips_proxy(_tmp: Path) -> None:
    _skips(dead_proxy, {"how": "close"}, proxy=False)


def skips_network_cut(_tmp: Path) -> None:
    _skips(network_cut, {})


def skips_fill(_tmp: Path) -> None:
    told = "it takes 500 MB, more than a tenth of what is free"
    with mock.patch.object(fill, "_too_much", return_value=told):
        _skips(fill, {})


def skips_broken_module(_tmp: Path) -> None:
    _skips(broken_module, {})


def skips_block_of_nobody(_tmp: Path) -> None:
    _skips(network_block, {"how": "drop"})


def skips_block_without_groups(_tmp: Path) -> None:
    with mock.patch("os.geteuid", return_value=1000):
        _skips(network_block, {"how": "drop"}, hosts=["h"])


def skips_block_without_iptables(_tmp: Path) -> None:
    with mock.patch.object(packet_filter, "_tried", return_value="iptables is not installed"):
        _skips(network_block, {"how": "drop"}, "private", hosts=["h"])


def skips_a_bot_that_is_started_in_its_state(_tmp: Path) -> None:
    value = {"name": "tiny", "state": {"book": {"path": "book.json"}}, "working_folder": "${state_dir}"}
    (problem,) = state_elsewhere(
        [{"fault": {"vanish": {}}}], Bot(Document(Path(), "", {}, {}), value, "tiny")
    )
    raise Told(f"{problem.what}: {problem.do}")


def skips_database_lock(_tmp: Path) -> None:
    _skips(database_lock, {}, state={"ledger": {"format": "json"}})


def skips_reader_of_what_nobody_can_read(_tmp: Path) -> None:
    _skips(reader, {}, state={"account": {"path": "account.pickle", "format": "bytes"}})


def skips_database_lock_without_sqlite(_tmp: Path) -> None:
    with mock.patch.object(database_lock.sqlite, "sqlite3", None):
        _skips(database_lock, {})


def skips_bad_exchange(_tmp: Path) -> None:
    _skips(bad_exchange, {"answer": "flood"})


def skips_bad_certificate(_tmp: Path) -> None:
    _skips(bad_certificate, {"how": "expired"}, exchange={"companion": "exchange", "https": {}})


def skips_contention(_tmp: Path) -> None:
    _skips(rival, {}, second_instance={"exit_codes": [3], "forced_by": {}})


def skips_certificates(_tmp: Path) -> None:
    with mock.patch.object(certificates, "unable", return_value="openssl: No such file or directory"):
        _skips(bad_certificate, {"how": "expired"}, exchange={"companion": "x", "https": {"URL": "x"}})


def skips_host_dns(_tmp: Path) -> None:
    _skips(bad_dns, {"how": "slow"}, hosts=["h"])


def skips_dns_of_nobody(_tmp: Path) -> None:
    _skips(bad_dns, {"how": "slow"}, "private")


def skips_no_resolver(tmp: Path) -> None:
    with mock.patch.object(bad_dns, "_RESOLVER", tmp / "resolv.conf"):
        _skips(bad_dns, {"how": "slow"}, "private", hosts=["h"])


def skips_private_network(_tmp: Path) -> None:
    with mock.patch.object(
        private_network.system, "in_scratch_network", return_value="Operation not permitted"
    ):
        found = private_network.unable()
    assert found
    raise Told(f"{found.reason}: {found.enable}")


def skips_volume_elsewhere(_tmp: Path) -> None:
    with (
        mock.patch.object(ram_volume.system, "HAS_PRIVATE_MOUNTS", False),
        mock.patch.object(ram_volume.system, "why_no_ram_volume", return_value="hdiutil cannot be found"),
    ):
        _skips(ram_volume, {"size": "20MB"})


def skips_such_a_volume(_tmp: Path) -> None:
    with (
        mock.patch.object(ram_volume.system, "why_no_ram_volume", return_value=None),
        mock.patch.object(ram_volume.system, "why_no_such_ram_volume", mounts.why_no_such_ram_volume),
    ):
        _skips(ram_volume, {"size": "64KB"})


def skips_block_without_pf(_tmp: Path) -> None:
    with (
        mock.patch.object(packet_filter.system, "FILTERS_BY_USER", True),
        mock.patch("os.geteuid", return_value=1000),
    ):
        _skips(network_block, {"how": "drop"}, "by_user", hosts=["h"])
