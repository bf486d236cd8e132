"""An arena: one scenario's private world on a host, from its folders to its last process.

Made before the first step, taken away after the last one whatever happened; how to take it away is in the
journal before it is made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults import needs
from fleet_stress.faults.protocol import Fault
from fleet_stress.faults.site import Isolation, NextStart, RunningBot, Site
from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.observe import bot_files
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.snapshot import Snapshots
from fleet_stress.observe.stray_writes import StrayWrites, written_to_shared
from fleet_stress.observe.watch import INTERVAL, Watch
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo, undo_open
from fleet_stress.scenario.seed import plant
from fleet_stress.store.layout import MARK_VARIABLE, SUPERVISOR_VARIABLE, WORKING, RunFolder
from fleet_stress.system import cgroups, process
from fleet_stress.system.network import certificates
from fleet_stress.system.network.private_network import Network, NetworkFailed
from fleet_stress.system.network.relay import Relay

_COMPANION_READY_WITHIN = 60.0
#: What a companion says when it is ready (a port) is short. Bytes.
_READY_LIMIT = 4096


class Stopped(Exception):
    """The run is being stopped: end the bots, undo, keep what was seen."""


class ArenaFailed(Exception):
    """The arena could not be made or kept up: our fault or the host's, never the bot's."""


class Arena:
    """One scenario's private world. Use as a context manager."""

    def __init__(self, run: RunFolder, plan: Mapping[str, Any], scenario: Mapping[str, Any]) -> None:
        self.bot: Mapping[str, Any] = plan["bot"]
        self.scenario = scenario
        self.run = run
        self.folder = run.arenas / scenario["id"]
        self.mark = f"{run.mark}/{scenario['id']}"
        self.user = process.user_named(self.bot["user"])
        self.journal = Journal(run.journal, scenario["id"])
        self.undo = Undo(self.journal)
        self.evidence = Evidence(run.evidence / scenario["id"], scenario["id"], scenario["row"])
        self.places: dict[str, str] = {
            "python": self.bot["python"],
            **{f"{name}_dir": str(self.folder / name) for name in ("bot", "state", "log", "home", "tmp")},
        }
        #: A network of its own, where the scenario asks for one.
        self.network: Network | None = None
        self.places.update(listen="127.0.0.1", outside="127.0.0.1")
        #: Between the bot and its exchange, where a fault of the scenario needs one.
        self.relay: Relay | None = None
        self._needs = needs(scenario["steps"])
        #: Whether a scenario may run commands of its own.
        self.allow_commands = plan.get("allow_commands") is True
        #: The one point of its ``visit`` that is asked for; None: all.
        self.point: str | None = plan.get("point") or None
        self.stopping = False
        #: The bot's folders that a file system of ours covers.
        self.underneath = CoveredFolders(self._look_below)
        #: What faults have put into the bot's next start.
        self._next_start = NextStart({}, {}, [])
        self._earlier_faults: list[Fault] = []
        self._parent = int(os.environ.get(SUPERVISOR_VARIABLE, os.getppid()))
        self._private = False
        self._companions: list[subprocess.Popen[bytes]] = []
        self._beside: list[subprocess.Popen[bytes]] = []
        self._ready_files: list[Path] = []

    def __enter__(self) -> Arena:
        self.check_stopping()
        for name in WORKING:
            self.undo.record("remove_tree", path=str(self.folder / name))
        self.undo.record("end_marked", mark=self.mark)
        try:
            self._make_folders()
            system.adopt_orphans()
            shadowed = self._shadowed()
            if self.scenario["network"] == "private" and not system.FILTERS_BY_USER:
                shadowed |= self._make_network()
            self._private = os.geteuid() == 0 and system.mount_private_folders(shadowed)
            if self.network is not None and not self._private:
                raise ArenaFailed(
                    "the arena's hosts file could not be put in place: no mount namespace; run as root"
                )
            self.tracked = bot_files.tracked(self.bot, self.places, self.folder / "fault")
            self.watch = Watch(self.evidence, self.tracked, self.bot["cycle"], self.bot.get("data_source"))
            self.snapshots = Snapshots(
                self.evidence,
                {"state": self.folder / "state", "log": self.folder / "log"},
                {one.key: one.path for one in self.tracked},
                [one.key for one in self.tracked if one.format == "text"],
                [one for one in self.tracked if one.format == "sqlite"],
            )
            self._outside = StrayWrites(
                {name: self.folder / name for name in ("bot", "home", "tmp", "shm")},
                [*self.bot.get("writes", ()), *self._own_files_in_copy()],
            )
            for companion in self.bot.get("companions", ()):
                self._start_companion(companion)
        except BaseException:
            self._take_away()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._take_away()

    def environment(self, settings: Mapping[str, Any], *, bare: bool = False) -> dict[str, str]:
        """The bot's environment, built from nothing: no credentials cross over (principle 5).

        ``bare`` leaves out what the profile adds: for companions, of which the profile's own values may
        speak (``${exchange.ready}``).
        """
        words = self.bot.get("settings", {})
        added = {} if bare else self.bot.get("environment", {})
        if "tls" in self._needs and not bare:
            added = {**added, **self.bot["exchange"]["https"]}
        return {
            "PATH": f"{Path(self.bot['python']).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": self.places["home_dir"],
            "TMPDIR": self.places["tmp_dir"],
            "USER": self.user.name,
            "LOGNAME": self.user.name,
            "LANG": system.LOCALE,
            MARK_VARIABLE: self.mark,
            **{name: bot_files.fill(str(value), self.places) for name, value in added.items()},
            **{words[word]["variable"]: _plain(value) for word, value in settings.items()},
            **({} if bare else self._from_faults()),
        }

    def _from_faults(self) -> dict[str, str]:
        """What faults add; a PYTHONPATH comes before the profile's own."""
        own = self.bot.get("environment", {}).get("PYTHONPATH")
        added = self._next_start.environment
        if own and "PYTHONPATH" in added:
            both = f"{added['PYTHONPATH']}:{bot_files.fill(str(own), self.places)}"
            return {**added, "PYTHONPATH": both}
        return dict(added)

    def site(self) -> Site:
        """What a fault may touch."""
        return Site(
            places=self.places,
            files={one.role: one for one in self.tracked},
            user=self.user,
            bot=self.bot,
            mark=self.mark,
            scratch=self.folder / "fault",
            evidence=self.evidence.folder,
            running=RunningBot(self.bot_processes, self._launch_beside, self._last_settings),
            next_start=self._next_start,
            isolation=Isolation(self._private, self.underneath, self.network, self.relay),
            earlier=self._earlier_faults,
        )

    def _look_below(self) -> None:
        """Watching and snapshots look at what lies below the file systems that cover the bot's folders."""
        places = {**self.places, **self.underneath.places}
        seen = bot_files.tracked(self.bot, places)
        self.watch.look_at(seen)
        folders = {name: Path(places[f"{name}_dir"]) for name in ("state", "log")}
        databases = [one for one in seen if one.format == "sqlite"]
        self.snapshots.look_at(folders, {one.key: one.path for one in seen}, databases)

    def _launch_beside(
        self, settings: Mapping[str, Any], name: str, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        # With a mark of its own: what it leaves behind is told from what the bot does.
        started = self.launch(settings, name, {**variables, MARK_VARIABLE: f"{self.mark}/{name}"})
        self.beside(started)
        return started

    def _last_settings(self) -> Mapping[str, Any]:
        starts = self.evidence.document["starts"]
        return dict(starts[-1]["settings"]) if starts else {}

    def beside(self, started: subprocess.Popen[bytes]) -> None:
        """From now on a process is known as one that runs beside the bot and is not of its making."""
        self._beside.append(started)

    def launch(
        self, settings: Mapping[str, Any], name: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the bot, with ``variables`` beside its own. Raises OSError.

        What it says goes to ``name``.out and ``name``.err of the evidence.
        """
        argv = [bot_files.fill(word, self.places) for word in self.bot["argv"]]
        out, err = (self.evidence.folder / f"{name}.{stream}" for stream in ("out", "err"))
        with (
            out.open("wb") as stdout,
            err.open("wb") as stderr,
            cgroups.doors(self._next_start.groups) as groups,
        ):
            elsewhere = self._next_start.outputs.get("stdout", stdout)
            return process.start(
                argv,
                user=self.user,
                folder=self.folder / "bot",
                environment={**self.environment(settings), **(variables or {})},
                stdout=stdout if elsewhere is None else elsewhere,
                stderr=stderr,
                closed=(1,) if elsewhere is None else (),
                groups=groups,
            )

    def tick(self) -> None:
        """Between two looks: raises Stopped when the run ends, or when nobody supervises us any more."""
        self.check_stopping()
        time.sleep(INTERVAL)

    def check_stopping(self) -> None:
        """Raise Stopped when the run ends, or when nobody supervises us any more.

        Raises ArenaFailed when a file system of ours has died under the bot.
        """
        died = self.underneath.died()
        if died:
            raise ArenaFailed(died)
        if self.stopping or os.getppid() != self._parent:
            raise Stopped

    def undo_of(self, who: str) -> list[str]:
        """Carry out what another process of this scenario left undone; what could not be, as sentences."""
        return undo_open(self.journal, who)

    def bot_processes(self) -> list[Any]:
        """Every living process of the bot's making: our descendants and whatever carries our mark.

        Not the companions, nor what a fault has launched beside the bot, nor the system's tools that we run.
        """
        companions = {one.pid for one in (*self._companions, *self._beside)}
        companions |= {child.pid for pid in companions for child in process.descendants(pid)}
        found = {one.pid: one for one in (*process.descendants(), *process.marked(self.mark))}
        return [
            one for pid, one in found.items() if pid not in companions and not process.is_tool_of_ours(one)
        ]

    def _make_folders(self) -> None:
        # Root owns the arena itself, so that a bot cannot put a link in the place of its state folder.
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        source = Path(self.bot["copy"])
        if not source.is_dir():
            raise ArenaFailed(f"{source}: the bot's private copy is not there; run provision again")
        shutil.copytree(source, self.folder / "bot", symlinks=True)
        for name in ("state", "log", "home", "tmp", "shm"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        (self.folder / "fault").mkdir(mode=0o755, exist_ok=True)
        for name, seed in self.scenario.get("seed", {}).items():
            plant(Path(seed), self.folder / name)
        if os.geteuid() == 0:
            os.chown(self.folder, 0, self.user.gid)
            for name in ("bot", "state", "log", "home", "tmp", "shm"):
                _give(self.folder / name, self.user)

    def _shadowed(self) -> dict[Path, Path]:
        # A shared folder that holds our own place (a test's, under /tmp) must stay visible.
        needed = [os.path.realpath(self.folder), os.path.realpath(self.bot["python"])]
        return {
            shared: self.folder / name
            for shared, name in system.SHARED_FOLDERS.items()
            if shared.is_dir()
            and not shared.is_symlink()
            and not any(path.startswith(f"{shared}/") for path in needed)
        }

    def _make_network(self) -> dict[Path, Path]:
        """A network of our own; which files of the system are to be seen differently in it."""
        try:
            self.network = Network(self.bot.get("hosts", ()), by_dns="names" in self._needs)
        except NetworkFailed as problem:
            raise ArenaFailed(
                f"the arena's network could not be made: {problem}; look on this host with `ip netns`"
            ) from problem
        self.places.update(listen=self.network.listen, outside=self.network.first_host)
        return self.network.system_files(self.folder / "fault")

    def _own_files_in_copy(self) -> list[str]:
        return [one.key[len("bot/") :] for one in self.tracked if one.key.startswith("bot/")]

    def _start_companion(self, companion: Mapping[str, Any]) -> None:
        name = companion["name"]
        ready = Path(bot_files.fill(companion["ready_file"], self.places))
        argv = [bot_files.fill(word, self.places) for word in companion["argv"]]
        environment = {**self.environment({}, bare=True), **companion.get("environment", {})}
        where = contextlib.nullcontext() if self.network is None else self.network.outside()
        with (self.evidence.folder / f"{name}.log").open("wb") as log, where:
            started = process.start(
                argv,
                user=self.user,
                folder=self.folder / "bot",
                environment=environment,
                stdout=log,
                stderr=log,
            )
        self._companions.append(started)
        self._ready_files.append(ready)
        deadline = time.monotonic() + _COMPANION_READY_WITHIN
        # It lies where the bot's user may write: no link is followed.
        while not (said := bot_files.read_regular(ready, _READY_LIMIT)):
            if started.poll() is not None or time.monotonic() > deadline:
                raise ArenaFailed(f"companion {name}: not ready (exit {started.poll()}); see {name}.log")
            self.tick()
        self.places[f"{name}.ready"] = said.decode(errors="replace").strip()
        if "relay" in self._needs and name == (self.bot.get("exchange") or {}).get("companion"):
            self._put_between(name)

    def _put_between(self, name: str) -> None:
        """Lead the bot to a relay of ours, where it would have found its exchange."""
        where = contextlib.nullcontext() if self.network is None else self.network.outside()
        shown = self._make_certificates() if "tls" in self._needs else None
        try:
            with where:
                self.relay = Relay(self.places["listen"], int(self.places[f"{name}.ready"]), shown)
        except (OSError, ValueError) as problem:
            said = self.places[f"{name}.ready"][:100]
            raise ArenaFailed(
                f"no relay to the companion {name}: its ready_file must hold its port, and says {said!r} ({problem})"
            ) from problem
        self.places[f"{name}.ready"] = str(self.relay.port)

    def _make_certificates(self) -> certificates.Certificates:
        """For an exchange that is asked by https; the bot is told whom to trust by ``${authority}``."""
        trusted = self.folder / "fault" / "authority.pem"
        names = dict.fromkeys([self.places["outside"], "127.0.0.1", "localhost"])
        try:
            made = certificates.make(self.folder / "fault" / "certificates", list(names))
        except (OSError, certificates.CertificatesFailed) as problem:
            raise ArenaFailed(
                f"certificates for the exchange could not be made: {problem}; look at openssl(1) on this host"
            ) from problem
        shutil.copyfile(made.authority, trusted)
        trusted.chmod(0o644)
        self.places["authority"] = str(trusted)
        return made

    def _take_away(self) -> None:
        document = self.evidence.document
        try:
            self._look_outside()
        except OSError as problem:  # whatever could not be seen, the rest must be taken away
            document["error"] = document["error"] or f"what was written outside could not be seen: {problem}"
        process.end_all(process.descendants())
        for ours in (*self._companions, *self._beside):
            ours.wait()
        process.reap()
        if self.relay is not None:
            self.relay.close()
        if self.network is not None:
            self.network.close()
        failures = undo_open(self.journal, who=self.journal.who)
        if failures:
            document["error"] = document["error"] or "could not be undone: " + "; ".join(failures)

    def _look_outside(self) -> None:
        if hasattr(self, "_outside"):
            document = self.evidence.document
            document["outside"] = self._outside.written(own=self._ready_files)
            if not self._private and self.scenario.get("exclusive"):
                document["outside"] += written_to_shared(self.user.uid, document["wall"])


def _give(tree: Path, user: process.User) -> None:
    # From below, by descriptors: a bot beside us has the same user, and could put a link in the way of what is
    # its own already.
    for _, folders, names, descriptor in os.fwalk(tree, topdown=False):
        for name in (*folders, *names):
            os.chown(name, user.uid, user.gid, dir_fd=descriptor, follow_symlinks=False)
    os.chown(tree, user.uid, user.gid, follow_symlinks=False)


def _plain(value: Any) -> str:
    """``2.0`` → ``2``: a bot may read its interval with ``int()``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
