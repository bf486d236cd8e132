"""An arena: one scenario's private world on a host, from its folders to its last process.

It is made before the first step and removed after the last one, whatever happens; how to remove it is in the
journal before it is made (principle 2). Here is its life cycle; its folders, the bot's environment and the companions
have files of their own.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults import needs
from fleet_stress.faults.protocol import Fault
from fleet_stress.faults.site import Isolation, NextStart, RunningBot, Site
from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.observe import bot_files, companion_files, counting, file_content
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.snapshot import Snapshots
from fleet_stress.observe.stray_writes import StrayWrites, written_to_shared
from fleet_stress.observe.watch import INTERVAL, Watch
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo, undo_open
from fleet_stress.scenario import bot_configuration, folders, neighbours, size_limits, start_settings
from fleet_stress.scenario.bot_environment import BotEnvironment
from fleet_stress.scenario.bot_processes import BotProcesses
from fleet_stress.scenario.companions import Companions
from fleet_stress.scenario.confinement import Confinement
from fleet_stress.scenario.early_end import ArenaFailed, CutShort, Stopped
from fleet_stress.scenario.numbers_command import NumbersCommand
from fleet_stress.store import conditions
from fleet_stress.store.layout import MARK_VARIABLE, SHARED, SUPERVISOR_VARIABLE, WORKING, RunFolder
from fleet_stress.system import cgroups, helper_process, process
from fleet_stress.system.network.private_network import Network, NetworkFailed

_TMP = Path("/tmp")
#: So many outputs are watched beside the newest two: a second bot's, and what a dead start has left behind.
_WATCHED = 6


class Arena:
    """One scenario's private world. Use as a context manager."""

    def __init__(self, run: RunFolder, plan: Mapping[str, Any], scenario: Mapping[str, Any]) -> None:
        self.bot: Mapping[str, Any] = plan["bot"]
        self.scenario = scenario
        self.run = run
        self.folder = run.arena(scenario["id"])
        self.mark = f"{run.mark}/{scenario['id']}"
        self.user = process.user_named(self.bot["user"])
        self.journal = Journal(run.journal, scenario["id"])
        self.undo = Undo(self.journal)
        self.evidence = Evidence(run.evidence / scenario["id"], scenario["id"], scenario["row"])
        self.places: dict[str, str] = {
            "python": self.bot["python"],
            **{f"{name}_dir": str(self.folder / name) for name in ("bot", "state", "log", "home", "tmp")},
        }
        #: Which kind of network it is in, and whether its bot would meet its own copy in another arena there.
        shared = neighbours.stored(run) or neighbours.before_baseline(self.bot)
        self._kind = shared.of(scenario)
        self.would_meet = shared.would_meet(self.bot, scenario)
        #: The private one, where the scenario asks for it.
        self.network: Network | None = None
        self.places.update(listen="127.0.0.1", outside="127.0.0.1")
        self._needs = needs(scenario["steps"])
        #: Whether a scenario may run commands of its own.
        self.allow_commands = plan.get("allow_commands") is True
        #: Whether a Python bot that is sampled tells which of its lines hold memory.
        self.explain_memory = plan.get("explain_memory") is True
        #: The only point that its ``visit`` goes to; None: all.
        self.point: str | None = plan.get("point") or None
        self.stopping = False
        #: How often active faults have killed a process of the bot.
        self.kills: Callable[[], int] = lambda: 0
        #: The bot's folders that a file system of ours covers.
        self.underneath = CoveredFolders(self._look_below)
        #: What faults have put into the bot's next start.
        self._next_start = NextStart({}, {}, [])
        self._earlier_faults: list[Fault] = []
        self.environment = BotEnvironment(
            self.bot,
            self.user,
            self.mark,
            self.places,
            self._next_start.environment,
            https="tls" in self._needs,
        )
        self._companions = Companions(self.bot, self.user, self.folder, self.evidence.folder, self.places)
        self._parent = int(os.environ.get(SUPERVISOR_VARIABLE, os.getppid()))
        self._private = False
        #: What the bot prints to, since its scenario began.
        self._outputs: list[Path] = []
        #: Processes of ours beside the bot.
        self._beside: list[subprocess.Popen[bytes]] = []
        self._numbers = NumbersCommand(self)
        self._stray_writes: StrayWrites | None = None
        #: Files in the bot's copy that we have filled in.
        self._configured: list[Path] = []
        #: What all that runs as the bots' user here does not get out of.
        limits = plan.get("limits", {})
        at_once = int(limits.get("bots_at_once", 1))
        self._disk_floor = int(limits.get("disk_floor_mb", 0)) * 2**20
        self.confinement = Confinement(self.mark, self.user, self.evidence, at_once)
        self.processes = BotProcesses(self.mark, self.confinement, self._pids_beside)

    def __enter__(self) -> Arena:
        self.check_stopping()
        for name in WORKING:
            self.undo.record("remove_tree", path=str(self.folder / name))
        self.undo.record("end_marked", mark=self.mark)
        self.confinement.record(self.undo)
        try:
            self.confinement.begin()
            folders.make(self.folder, Path(self.bot["copy"]), self.scenario.get("seed", {}), self.user)
            shadowed = folders.shadowed(self.folder, self.bot["python"], self.user)
            shadowed |= self._make_network()
            self._private = os.geteuid() == 0 and system.mount_private_folders(shadowed)
            if self._private and shadowed.get(_TMP) == self.folder / "tmp":
                self.environment.temporary = str(_TMP)
            if self._private and not system.new_ipc():
                self.evidence.note(
                    "shared memory and message queues are the host's own: no IPC namespace here"
                )
            if self.network is not None and not self._private:
                raise ArenaFailed(
                    "the arena's hosts file could not be put in place: no mount namespace; run as root"
                )
            self.tracked = bot_files.tracked(self.bot, self.places, self.folder / "fault", self._numbers.ask)
            self.watch = Watch(
                self.evidence,
                self.tracked,
                self.bot["cycle"],
                self.bot.get("data_source"),
                conditions.of_profile(self.bot),
                counting.role_rewritten(self.bot),
                self.processes.now,
            )
            self.snapshots = Snapshots(
                self.evidence,
                {"state": self.folder / "state", "log": self.folder / "log"},
                self._single_files(self.tracked),
                {file.key: file.rotated for file in self.tracked if file.format == "text"},
                self._interpreted(self.tracked),
            )
            self._stray_writes = StrayWrites(
                {
                    **{name: self.folder / name for name in ("bot", "home", "tmp", "shm")},
                    **{str(folder): own for folder, own in shadowed.items() if own.parent.name == SHARED},
                },
                [*self.bot.get("writes", ()), *self._own_files_in_copy()],
            )
            self._companions.start(self.environment.of_companion(), self.network, self._needs, self.tick)
            self._configure({})
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def site(self) -> Site:
        """What a fault may touch."""
        return Site(
            places=self.places,
            files={file.role: file for file in self.tracked},
            user=self.user,
            bot=self.bot,
            mark=self.mark,
            scratch=self.folder / "fault",
            evidence=self.evidence.folder,
            running=RunningBot(
                self.processes.all,
                self._launch_beside,
                self._last_settings,
                self.processes.now,
                self.processes.main_process,
                self.processes.seen,
            ),
            next_start=self._next_start,
            isolation=Isolation(self._private, self.underneath, self.network, self._companions.relay),
            earlier=self._earlier_faults,
            disk_floor=self._disk_floor,
        )

    def _look_below(self) -> None:
        """Watch and snapshots look at what is below the file systems that cover the bot's folders."""
        places = {**self.places, **self.underneath.places}
        seen = bot_files.tracked(self.bot, places, ask=self._numbers.ask)
        self.watch.look_at(seen)
        self.snapshots.look_at(self.folders_of_bot(), self._single_files(seen), self._interpreted(seen))

    def folders_of_bot(self) -> dict[str, Path]:
        """Its ``state`` and ``log``, where the engine looks at them now."""
        places = {**self.places, **self.underneath.places}
        return {name: Path(places[f"{name}_dir"]) for name in ("state", "log")}

    @staticmethod
    def _interpreted(tracked: Sequence[bot_files.Tracked]) -> list[bot_files.Tracked]:
        return [file for file in tracked if file.format in file_content.INTERPRETED and not file.opaque]

    def _single_files(self, tracked: Sequence[bot_files.Tracked]) -> dict[str, Path]:
        """What snapshots look at wherever it is, by key."""
        return {file.key: file.path for file in tracked} | self._companions.state_files

    def _launch_beside(
        self, settings: Mapping[str, Any], name: str, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        # With a mark of its own, so that its processes and files are not taken for the bot's.
        started = self.launch(settings, name, {**variables, MARK_VARIABLE: f"{self.mark}/{name}"})
        self.beside(started)
        return started

    def _last_settings(self) -> Mapping[str, Any]:
        starts = self.evidence.document["starts"]
        return dict(starts[-1]["settings"]) if starts else {}

    def beside(self, started: subprocess.Popen[bytes]) -> None:
        """From now on a process counts as ours beside the bot, not as the bot's."""
        self._beside.append(started)

    def no_longer_beside(self, ended: subprocess.Popen[bytes]) -> None:
        """A process of ours beside the bot has ended, and no process of it is left."""
        self._beside.remove(ended)

    def launch(
        self, settings: Mapping[str, Any], name: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the bot, with ``variables`` in addition to its own. Raises OSError.

        Its output goes to ``name``.out and ``name``.err of the evidence.
        """
        environment = {**self.environment.of_bot(settings), **(variables or {})}
        argv = start_settings.argv(self.bot, settings, self.places)
        self._configure(settings)
        out, err = (self.evidence.folder / f"{name}.{stream}" for stream in ("out", "err"))
        self._outputs = [*self._outputs[-_WATCHED:], out, err]
        # One with another mark is beside the bot.
        entered = self.confinement.groups_of_start(
            self._next_start.groups, beside=MARK_VARIABLE in (variables or {})
        )
        with (
            out.open("wb") as stdout,
            err.open("wb") as stderr,
            cgroups.doors(entered) as groups,
        ):
            elsewhere = self._next_start.outputs.get("stdout", stdout)
            return process.start(
                argv,
                user=self.user,
                folder=self._working_folder(),
                environment=environment,
                stdout=stdout if elsewhere is None else elsewhere,
                stderr=stderr,
                closed=(1,) if elsewhere is None else (),
                groups=groups,
            )

    def launch_command(
        self, argv: Sequence[str], settings: Mapping[str, Any], name: str
    ) -> subprocess.Popen[bytes]:
        """Start a command of the bot's beside it, in its environment. Raises OSError.

        Its output goes to ``name`` of the evidence.
        """
        output = self.evidence.folder / name
        self._outputs = [*self._outputs[-_WATCHED:], output]
        with output.open("wb") as stream:
            started = process.start(
                [bot_files.fill(word, self.places) for word in argv],
                user=self.user,
                folder=self._working_folder(),
                environment=self.environment.of_bot(settings),
                stdout=stream,
                stderr=stream,
            )
        self.beside(started)
        return started

    def _working_folder(self) -> Path:
        return Path(bot_files.fill(self.bot.get("working_folder", "${bot_dir}"), self.places))

    def _configure(self, settings: Mapping[str, Any]) -> None:
        """Fill in the bot's configuration files for a start with these settings. Raises OSError."""
        values = start_settings.values(self.bot.get("settings", {}), settings)
        files = self.bot.get("configuration", {})
        self._configured = bot_configuration.fill_in(files, self.folder / "bot", {**self.places, **values})

    def tick(self) -> None:
        """Wait until the next look. Raises as ``check_stopping``."""
        self.check_stopping()
        time.sleep(INTERVAL)

    def check_stopping(self) -> None:
        """Raise Stopped when the run ends, or when its supervisor is dead.

        Raises ArenaFailed when a file system of ours has died under the bot, and CutShort when the bot has printed
        more than it may.
        """
        died = self.underneath.died()
        if died:
            raise ArenaFailed(died)
        if self.stopping or os.getppid() != self._parent:
            raise Stopped
        limited = size_limits.too_long(self._outputs)
        if limited:
            self.evidence.document["limited"] = limited
            raise CutShort("limited", limited)

    def undo_of(self, who: str) -> list[str]:
        """Undo what a process of this scenario left, this or another; returns what could not be undone."""
        return undo_open(self.journal, who, since=self.journal.begins)

    def bot_daemon(self) -> Mapping[str, Any] | None:
        """How the bot detaches itself, with its places filled in; None: it does not."""
        daemon = self.bot.get("daemon")
        if daemon is None:
            return None
        return {name: bot_files.fill(value, self.places) for name, value in daemon.items()}

    def _pids_beside(self) -> list[int]:
        ours = (*self._companions.processes, *self._beside)
        return [*(started.pid for started in ours), *helper_process.running()]

    def _make_network(self) -> dict[Path, Path]:
        """Make the arena's own network; returns which files of the system are replaced in it, and by what."""
        if self._kind == neighbours.OWN:
            try:
                system.enter_own_network()
            except OSError as problem:
                raise ArenaFailed(
                    f"the arena's own loopback could not be made: {problem}; look on this host with `lsns -t net`"
                ) from problem
        replaced = self._make_private_network() if self._kind == neighbours.PRIVATE else {}
        self.evidence.document["network"]["kind"] = self._kind
        return replaced

    def _make_private_network(self) -> dict[Path, Path]:
        try:
            self.network = Network(self.bot.get("hosts", ()), by_dns="names" in self._needs)
        except NetworkFailed as problem:
            raise ArenaFailed(
                f"the arena's network could not be made: {problem}; look on this host with `ip netns`"
            ) from problem
        # A companion that knows only IPv4 can listen on it; by IPv6 we lead to it.
        self.places.update(listen="0.0.0.0", outside=self.network.first_host)
        return self.network.system_files(self.folder / "fault")

    def _own_files_in_copy(self) -> list[str]:
        return [file.key[len("bot/") :] for file in self.tracked if file.key.startswith("bot/")]

    def _remove(self) -> None:
        document = self.evidence.document
        try:
            self._find_stray_writes()
        except OSError as problem:  # whatever could not be seen, the rest must be removed
            document["error"] = document["error"] or f"what was written outside could not be seen: {problem}"
        if document["network"]["kind"] == neighbours.OWN:
            document["network"]["looked_elsewhere"] = system.looked_elsewhere()
        process.end_all(process.descendants())
        for started in self._beside:
            started.wait()
        self._companions.close()
        self.confinement.over()
        if self.network is not None:
            self.network.close()
        failures = self.undo_of(self.journal.who)
        self.confinement.end()
        if failures:
            document["error"] = document["error"] or "could not be undone: " + "; ".join(failures)

    def _find_stray_writes(self) -> None:
        if self._stray_writes is not None:
            document = self.evidence.document
            own = [*self._companions.own_files, *self._configured]
            theirs = companion_files.named(self.bot, self.places)
            document["outside"] = [
                file
                for file in self._stray_writes.written(own=own)
                if not companion_files.is_one(str(self.folder / file["path"]), theirs)
            ]
            if not self._private and self.scenario.get("exclusive"):
                document["outside"] += written_to_shared(self.user.uid, document["wall"])
