"""``memory_limit``: what a real process needs is measured, and the kernel kills one that wants more than it may."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.faults.process.memory_limit import MemoryLimit
from fleet_stress.faults.site import Where
from fleet_stress.recovery.undo import KINDS
from fleet_stress.system import cgroups, memory_cgroup, process
from fleet_stress.system.cgroups import Group
from tests.unit.engine.faults.conftest import applied, make_site

MEASURE, MORE, LESS = {"measure": True}, {"of_plateau": 1.5}, {"of_plateau": 0.9}
#: Needs so many bytes until it is told to end.
BOT = "import sys; kept = b'x' * int(sys.argv[1]); print('ready', flush=True); sys.stdin.read()"
#: Far more than an interpreter needs, so that its own part does not matter.
NEEDS = 60_000_000


@pytest.fixture
def site(tmp_path):
    if not cgroups.plan("any", ("memory",)):
        pytest.skip("no memory controller can be written here")
    site = make_site(tmp_path, mark=f"run{os.getpid()}/{tmp_path.name}")
    yield site
    for needed in MemoryLimit(site, MEASURE).undo():
        KINDS[needed.kind].undo(**needed.arguments)


@contextlib.contextmanager
def bot_in(site, needs=NEEDS):
    with cgroups.doors(site.next_start.groups) as doors:
        bot = subprocess.Popen(
            [sys.executable, "-c", BOT, str(needs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=lambda: [os.write(door, b"0") for door in doors],
        )
    try:
        bot.stdout.readline()
        yield bot
    finally:
        bot.communicate()


def measured(site):
    fault = applied(MemoryLimit, site, MEASURE)
    with bot_in(site):
        wait_for(fault)
        proof = fault.prove()
    fault.revert()
    return proof


def having_measured(plateau):
    """One that was applied before, and has measured so much."""
    fault = MemoryLimit(None, MEASURE)
    fault.plateau = fault.at_most = plateau
    return fault


def wait_for(fault):
    """Until the measuring has seen it."""
    before = memory_cgroup.needed(fault._group)
    assert before >= NEEDS
    while fault._need.most < NEEDS:
        assert fault._need._thread.is_alive()


@pytest.mark.root
@pytest.mark.linux
class TestWithGroups:
    def test_what_is_needed_is_measured_and_we_are_not_in_it(self, site):
        home = memory_home(site)
        proof = measured(site)
        assert proof.took_effect
        assert proof.details["limit_bytes"] is None
        assert NEEDS <= proof.details["most_needed_bytes"] < 1.5 * NEEDS
        assert site.earlier[-1].plateau == proof.details["most_needed_bytes"]
        assert memory_home(site) == home
        assert site.next_start.groups == []

    def test_with_a_little_more_it_lives(self, site):
        measured(site)
        fault = applied(MemoryLimit, site, MORE)
        with bot_in(site) as bot:
            wait_for(fault)
            proof = fault.prove()
        fault.revert()
        assert (proof.took_effect, bot.returncode) == (True, 0)
        assert proof.details["limit_bytes"] == pytest.approx(1.5 * proof.details["plateau_bytes"], abs=65536)

    def test_with_less_it_is_killed_by_the_kernel(self, site):
        measured(site)
        fault = applied(MemoryLimit, site, LESS)
        with bot_in(site) as bot:
            bot.wait(30)
        proof = fault.prove()
        fault.revert()
        assert bot.returncode == -signal.SIGKILL
        assert (proof.took_effect, proof.details["killed_by_the_kernel"]) == (True, 1)

    def test_a_limit_too_small_for_any_process_kills_nobody_but_the_bot(self, site, user):
        """An arena had once gone into the group itself to start a bot there, and was killed in its place."""
        fault = applied(MemoryLimit, site._replace(earlier=[having_measured(100_000)]), LESS)
        with cgroups.doors(site.next_start.groups) as doors:
            for _ in range(5):
                bot = process.start(
                    ["/bin/true"],
                    user=user,
                    folder=Path("/"),
                    environment={},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    groups=doors,
                )
                assert bot.wait(30) == -signal.SIGKILL
        assert cgroups.members(site.next_start.groups[0].path) == []
        fault.revert()

    def test_what_no_sample_saw_is_enough_all_the_same(self, site, monkeypatch):
        """A program that lives for some milliseconds is over before a sample, on a slow host before the first one."""
        monkeypatch.setattr(memory_cgroup, "needed", lambda _: 1_000_000)
        fault = applied(MemoryLimit, site, MEASURE)
        with bot_in(site):
            pass
        fault.revert()
        assert fault.plateau == 1_000_000
        assert NEEDS <= fault.at_most < 1.5 * NEEDS

        more = applied(MemoryLimit, site, MORE)
        with bot_in(site) as bot:
            pass
        more.revert()
        assert bot.returncode == 0

    def test_one_that_needs_less_now_proves_nothing(self, site):
        measured(site)
        fault = applied(MemoryLimit, site, LESS)
        with bot_in(site, needs=1000) as bot:
            while not fault._need.most:
                assert bot.poll() is None
            assert "never wanted more" in fault.prove().details["why"]
        fault.revert()

    def test_one_that_comes_nowhere_near_its_limit_proves_nothing(self, site):
        measured(site)
        fault = applied(MemoryLimit, site, MORE)
        with bot_in(site, needs=1000):
            while not fault._need.most:
                pass
            assert "nowhere near" in fault.prove().details["why"]
        fault.revert()

    @pytest.mark.parametrize("share", [0.9, 3.0])
    def test_what_the_kernel_counted_comes_before_what_was_sampled(self, site, monkeypatch, share):
        """It was killed between two samples, which had seen an interpreter that is just loading, or nothing at all."""
        monkeypatch.setattr(memory_cgroup, "needed", lambda _: 0)
        plateau = int(NEEDS / 2 / share)
        fault = applied(MemoryLimit, site._replace(earlier=[having_measured(plateau)]), {"of_plateau": share})
        with bot_in(site) as bot:
            bot.wait(30)
        proof = fault.prove()
        fault.revert()
        assert proof.details["most_needed_bytes"] == 0
        assert (proof.took_effect, proof.details["killed_by_the_kernel"]) == (True, 1)

    def test_nobody_in_it_proves_nothing(self, site):
        fault = applied(MemoryLimit, site, MEASURE)
        proof = fault.prove()
        fault.revert()
        assert not proof.took_effect
        assert "none was started" in proof.details["why"]

    def test_without_a_measure_it_is_not_applied(self, site):
        with pytest.raises(OSError, match="nobody has measured"):
            applied(MemoryLimit, site, LESS)

    def test_its_undo_record_removes_the_group_with_somebody_in_it(self, site):
        [needed] = MemoryLimit(site, MEASURE).undo()
        fault = applied(MemoryLimit, site, MEASURE)
        with bot_in(site) as bot:
            assert not KINDS[needed.kind].gone(**needed.arguments)
            for _ in range(2):
                KINDS[needed.kind].undo(**needed.arguments)
            assert KINDS[needed.kind].gone(**needed.arguments)
            assert bot.poll() is None
        fault._need.stop()


def memory_home(site):
    [group] = cgroups.plan(site.mark, ("memory",))
    return cgroups.home(group)


def test_version_2_is_read_as_the_kernel_documents_it(tmp_path):
    group = Group("memory", 2, tmp_path)
    memory_cgroup.make(group, 5000)
    assert (tmp_path / "memory.max").read_text() == "5000"
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 0\n")
    (tmp_path / "memory.stat").write_text("anon 1000\nfile 900\nkernel_stack 20\npagetables 30\nshmem 4\n")

    assert memory_cgroup.events(group) == (5000, 7, 1)
    assert memory_cgroup.needed(group) == 1054
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_cgroup.events(group).limit_bytes is None


def test_what_was_needed_at_most_is_without_the_files_that_were_there_all_the_time(tmp_path):
    group = Group("memory", 2, tmp_path)
    need = memory_cgroup.Need(group)
    need.stop()

    def look(charged, file, anon=1000):
        (tmp_path / "memory.peak").write_text(f"{charged}\n")
        (tmp_path / "memory.stat").write_text(f"anon {anon}\nfile {file}\nshmem 0\n")
        need._look()
        return need.most, need.at_most

    assert look(1500, 500) == (1000, 1500), "the files may have come after the rest had gone"
    assert look(1600, 500) == (1000, 1500), "what is more is 100 of 500 that were files"
    assert look(9500, 500) == (1000, 9000), "somebody who needed 8000 came and went"
    assert look(9500, 700) == (1000, 9000)


def test_a_kernel_that_does_not_count_the_most_has_samples(tmp_path):
    group = Group("memory", 2, tmp_path)
    (tmp_path / "memory.stat").write_text("anon 1000\nfile 900\n")
    need = memory_cgroup.Need(group)
    need.stop()
    assert memory_cgroup.charged_at_most(group) is None
    assert (need.most, need.at_most) == (1000, 1000)


def test_where_one_is_in_the_hierarchy(tmp_path):
    own = tmp_path / "cgroup"
    own.write_text("5:cpu,cpuacct:/a\n4:memory:/b/c\n0::/d\n")
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "d").mkdir()

    def home(controller, version):
        return cgroups.home(Group(controller, version, tmp_path / "fleet-stress-x"), own)

    assert home("memory", 1) == tmp_path / "b/c"
    assert home("memory", 2) == tmp_path / "d"
    assert home("cpu", 1) == tmp_path, "it cannot be seen from here"


def test_without_a_controller_it_is_not_promised(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "plan", lambda *_, **__: [])
    cannot = MemoryLimit.supported(Where(tmp_path, {}, None), MEASURE)
    assert "no control group for memory" in cannot.reason
    assert "subtree_control" in cannot.enable
