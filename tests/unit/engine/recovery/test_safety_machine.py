"""Journal and undo as a state machine: any sequence of applies, deaths, power cuts, full disks and recoveries.

The world holds things of two halves each, so that a death can leave half of one. The disk keeps what was fsynced,
and after a power cut any part of the rest. What always holds: for all that is in the world there is a record on
disk; and a recovery that gets to its end leaves nothing, also when it has no room to write that down.
"""

import contextlib
import errno
import itertools
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fleet_stress.recovery import journal as journal_module
from fleet_stress.recovery import undo as undo_module
from fleet_stress.recovery.journal import Journal, read
from fleet_stress.recovery.undo import Kind, Undo, open_records, undo_open

NAMES = st.sampled_from("abcd")
#: Where whoever applies a thing dies.
MOMENTS = st.sampled_from(
    ["never", "before the record", "in the record", "after the record", "half-way", "done"]
)


class Died(BaseException):
    """The process is gone; nothing of it catches this."""


class Disk:
    """What the journal sees of the system: room that may end, and what is safe from a power cut."""

    def __init__(self, path):
        self.path = path
        self.room = None
        self.safe = 0
        self.dies_in_write = None

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, data):
        if self.dies_in_write is not None:
            os.write(descriptor, data[: self.dies_in_write])
            raise Died
        if self.room is None:
            return os.write(descriptor, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = os.write(descriptor, data[: self.room])
        self.room -= taken
        return taken

    def synced(self, _folder):
        self.safe = self.path.stat().st_size


class AnyDeath(RuleBasedStateMachine):
    @initialize()
    def a_fresh_host(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "journal")
        self.world = set()
        self.dies_in_undo = None
        self.disk = Disk(self.path)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(journal_module, "os", self.disk)
        self.patch.setattr(journal_module, "sync_folder", self.disk.synced)
        # Lines of one length each: by which byte the disk is full must not turn on the time or on a random name.
        ticks, names = itertools.count(), itertools.count()
        self.patch.setattr(journal_module, "time", SimpleNamespace(time=lambda: 1e9 + next(ticks)))
        self.patch.setattr(undo_module, "secrets", SimpleNamespace(token_hex=lambda _: f"{next(names):016x}"))
        self.patch.setitem(undo_module.KINDS, "thing", Kind(self.take_away, self.is_away))
        self.opened = []
        self.journals = [self.journal(who) for who in ("supervisor", "arena")]

    def journal(self, who):
        self.opened.append(Journal(self.path, who))
        return self.opened[-1]

    def take_away(self, name):
        for half in ("left", "right"):
            if self.dies_in_undo == half:
                raise Died
            self.world.discard((name, half))
        if self.dies_in_undo == "after":
            raise Died

    def is_away(self, name):
        return not any(name == left for left, _ in self.world)

    def another_process(self, who=1):
        self.disk.dies_in_write = self.dies_in_undo = None
        self.journals[who] = self.journal("arena")

    @rule(name=NAMES, who=st.integers(0, 1), dies=MOMENTS, cut=st.integers(0, 60))
    def apply(self, name, who, dies, cut):
        try:
            if dies == "before the record":
                raise Died
            self.disk.dies_in_write = cut if dies == "in the record" else None
            Undo(self.journals[who]).record("thing", name=name)
            if dies == "after the record":
                raise Died
            self.world.add((name, "left"))
            if dies == "half-way":
                raise Died
            self.world.add((name, "right"))
            if dies == "done":
                raise Died
        except Died:
            self.another_process(who)
        except OSError as problem:  # no room for the record, so nothing is applied
            assert problem.errno == errno.ENOSPC

    @rule(name=NAMES, who=st.integers(0, 1))
    def lift(self, name, who):
        for record in open_records(self.path):
            if record["arguments"] == {"name": name}:
                try:
                    Undo(self.journals[who]).carry_out(record["id"], record["kind"], record["arguments"])
                except OSError as problem:
                    assert problem.errno == errno.ENOSPC

    @rule(room=st.integers(0, 200))
    def the_disk_fills(self, room):
        self.disk.room = room

    @rule()
    def there_is_room_again(self):
        self.disk.room = None

    @rule(kept=st.integers(0, 400))
    def power_cut(self, kept):
        """Files stay, as far as they were synced or luck has it; what the kernel held is gone."""
        size = self.path.stat().st_size
        os.truncate(self.path, min(size, max(self.disk.safe, size - kept)))
        self.world = {item for item in self.world if item[0] in "ab"}  # a and b are files, c and d mounts
        self.another_process()

    @rule(where=st.sampled_from(["left", "right", "after"]))
    def recovery_dies(self, where):
        self.dies_in_undo = where
        with contextlib.suppress(Died):
            undo_open(self.journal("recover"))
        self.another_process()

    @rule()
    def recover(self):
        failures = undo_open(self.journal("recover"))
        assert self.world == set()
        if self.disk.room is None:
            assert failures == []
            assert open_records(self.path) == []
            assert undo_open(self.journal("recover")) == []
        else:
            assert all("No space left" in failure or "bytes of a line" in failure for failure in failures)

    @invariant()
    def whatever_is_there_can_be_undone(self):
        known = {record["arguments"]["name"] for record in open_records(self.path)}
        assert {name for name, _ in self.world} <= known

    @invariant()
    def every_whole_line_is_read(self):
        lines = self.path.read_bytes().split(b"\n")[:-1]
        # One that was cut short has too few of the closing ones.
        whole = [line for line in lines if line.count(b"{") == line.count(b"}") > 0]
        assert len(list(read(self.path))) == len(whole)

    def teardown(self):
        self.disk.room = None
        self.another_process()
        self.recover()
        for item in self.opened:
            item.close()
        self.patch.undo()
        self.folder.cleanup()


AnyDeath.TestCase.settings = settings(stateful_step_count=40, suppress_health_check=list(HealthCheck))
TestAnyDeath = AnyDeath.TestCase
