"""The programs beside the bot that its profile names, and the relay between the bot and its exchange."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from fleet_stress.observe import bot_files
from fleet_stress.observe.snapshot import COMPANION
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.system import process
from fleet_stress.system.network import certificates
from fleet_stress.system.network.private_network import Network

if TYPE_CHECKING:
    from fleet_stress.system.network.relay import Relay

_READY_WITHIN = 60.0
#: What a companion writes when it is ready (a port) is short. Bytes.
_READY_LIMIT = 4096


class Companions:
    """The companions of one arena. What they offer goes into ``places``: ``NAME.ready``, ``authority``."""

    def __init__(
        self, bot: Mapping[str, Any], user: process.User, folder: Path, evidence: Path, places: dict[str, str]
    ) -> None:
        """``folder`` is the arena's, ``evidence`` where their output goes."""
        self._bot, self._user, self._folder = bot, user, folder
        self._evidence, self._places = evidence, places
        self._network: Network | None = None
        self.processes: list[subprocess.Popen[bytes]] = []
        self._ready_files: list[Path] = []
        #: Between the bot and its exchange, where a fault of the scenario needs one.
        self.relay: Relay | None = None

    def start(
        self,
        environment: Mapping[str, str],
        network: Network | None,
        needs: frozenset[str],
        tick: Callable[[], None],
    ) -> None:
        """Start all and wait until they are ready.

        Args:
            environment: Without what a companion's own entry in the profile adds.
            network: The arena's own, which companions are outside of; None: the host's.
            needs: What the scenario's faults need: ``relay``, ``tls``.
            tick: Called between two looks; what it raises ends the wait.

        Raises ArenaFailed, OSError.
        """
        self._network = network
        exchange = (self._bot.get("exchange") or {}).get("companion")
        for companion in self._bot.get("companions", ()):
            self._start(companion, environment, tick)
            if network is not None:
                network.lead_to_companions()
            if "relay" in needs and companion["name"] == exchange:
                self._put_relay_before(exchange, tls="tls" in needs)

    @property
    def state_files(self) -> dict[str, Path]:
        """What companions write for the invariants of the profile, by its key in a snapshot."""
        return {
            f"{COMPANION}/{companion['name']}": Path(bot_files.fill(companion["state_file"], self._places))
            for companion in self._bot.get("companions", ())
            if "state_file" in companion
        }

    @property
    def own_files(self) -> list[Path]:
        """Files that are theirs and not the bot's, wherever they are."""
        return [*self._ready_files, *self.state_files.values()]

    def close(self) -> None:
        """Wait for the processes, which have been ended, and close the relay."""
        for companion in self.processes:
            companion.wait()
        if self.relay is not None:
            self.relay.close()

    def _start(
        self, companion: Mapping[str, Any], environment: Mapping[str, str], tick: Callable[[], None]
    ) -> None:
        name = companion["name"]
        ready = Path(bot_files.fill(companion["ready_file"], self._places))
        places = {**self._places, **self._program_of(companion)}
        with (self._evidence / f"{name}.log").open("wb") as log, self._outside():
            started = process.start(
                [bot_files.fill(word, places) for word in companion["argv"]],
                user=self._user,
                folder=self._folder / "bot",
                environment={**environment, **companion.get("environment", {})},
                stdout=log,
                stderr=log,
            )
        self.processes.append(started)
        self._ready_files.append(ready)
        deadline = time.monotonic() + _READY_WITHIN
        # The bot's user may write where it is: no link is followed.
        while not (text := bot_files.read_regular(ready, _READY_LIMIT)):
            if started.poll() is not None or time.monotonic() > deadline:
                raise ArenaFailed(f"companion {name}: not ready (exit {started.poll()}); see {name}.log")
            tick()
        self._places[f"{name}.ready"] = text.decode(errors="replace").strip()

    def _program_of(self, companion: Mapping[str, Any]) -> dict[str, str]:
        """What came along with the plan is put where the bots' user can read it, and change nothing."""
        if "program" not in companion:
            return {}
        path = self._folder / "fault" / f"{companion['name']}-{companion['program']['name']}"
        path.write_text(companion["program"]["text"], encoding="utf-8")
        path.chmod(0o644)
        return {"program": str(path)}

    def _put_relay_before(self, name: str, *, tls: bool) -> None:
        """Lead the bot to a relay of ours instead of its exchange."""
        from fleet_stress.system.network.relay import Relay  # of few scenarios, and slow to load

        shown = self._make_certificates() if tls else None
        port = self._places[f"{name}.ready"]
        try:
            with self._outside():
                self.relay = Relay(self._relay_on(), int(port), shown)
        except (OSError, ValueError) as problem:
            raise ArenaFailed(
                f"no relay to the companion {name}: its ready_file must hold its port, and says {port[:100]!r}"
                f" ({problem})"
            ) from problem
        self._places[f"{name}.ready"] = str(self.relay.port)

    def _relay_on(self) -> str:
        return self._places["listen"] if self._network is None else self._network.listen

    def _make_certificates(self) -> certificates.Certificates:
        """For an exchange that is asked by https; ``${authority}`` names the file of whom to trust."""
        trusted = self._folder / "fault" / "authority.pem"
        names = dict.fromkeys([self._places["outside"], "127.0.0.1", "localhost"])
        try:
            made = certificates.make(self._folder / "fault" / "certificates", list(names))
        except (OSError, certificates.CertificatesFailed) as problem:
            raise ArenaFailed(
                f"certificates for the exchange could not be made: {problem}; look at openssl(1) on this host"
            ) from problem
        shutil.copyfile(made.authority, trusted)
        trusted.chmod(0o644)
        self._places["authority"] = str(trusted)
        return made

    def _outside(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._network is None else self._network.outside()
