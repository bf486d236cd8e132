"""What each fault is tried with: how it is asked for, what the bot does while it stands, and a control.

A control is something that works before, does not while the fault stands, and works again afterwards.
"""

import contextlib
import os
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from fleet_stress import system
from fleet_stress.faults import FAULTS
from fleet_stress.faults.network import reachability
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.store.layout import MARK_VARIABLE
from fleet_stress.system import tree
from fleet_stress.system.network import certificates
from fleet_stress.system.network.relay import Relay
from tests.contract.worlds import COMPANION
from tests.engine.conftest import usable_python
from tests.unit.engine.faults.conftest import changed
from tests.unit.engine.faults.exchanges import an_exchange

#: A bot, as far as priorities go, and one that writes without end.
_IDLE = "import time\nwhile True: time.sleep(1)"
_WRITES = """
import os, sys
while True:
    with open(sys.argv[1] + "/state.json.tmp", "w") as stream:
        stream.write("{}")
    os.replace(sys.argv[1] + "/state.json.tmp", sys.argv[1] + "/state.json")
"""
_MASTER = """
import os, sys, time
while True:
    child = os.fork()
    if not child:
        time.sleep(600)
        os._exit(0)
    print("started", flush=True)
    os.waitpid(child, 0)
    sys.stdin.readline()
"""


class Experiment:
    """One fault, with its arguments."""

    #: Whether the scenario has a network.
    networked = False
    #: Whether the fault has only bitten when the bot has met it.
    needs_use = False

    def __init__(self, name, arguments):
        self.fault, self.arguments = FAULTS[name], arguments

    def prepare(self, site):
        """The site, with whatever the fault needs to be there."""
        return site

    def works(self, site):
        """The control; None where the fault has none that could be asked."""
        return

    def use(self, site, met):
        """The bot does what meets the fault; ``met()`` is how often it has, where the fault can tell."""

    def end(self, site):
        """What ``prepare`` has started ends."""


class OnVolume(Experiment):
    """A folder takes more than the volume holds."""

    def works(self, site):
        """More than the volume's size can be written into the folder."""
        folder = "bot_dir" if self.arguments["folder"] == "working" else "state_dir"
        path = f"{site.places[folder]}/big"
        try:
            with open(path, "wb") as stream:  # noqa: PTH123
                stream.write(bytes(1200 * 1024))
        except OSError:
            return False
        finally:
            if os.path.lexists(path):
                os.unlink(path)  # noqa: PTH108
        return True


class Filled(Experiment):
    """Filled to the last byte, on a volume of its own that stands before and afterwards."""

    before = ("ram_volume", {"folder": "state", "size": "1MB"})

    def works(self, site):
        """Not one byte goes into a new file."""
        path = f"{site.places['state_dir']}/one"
        try:
            with open(path, "wb") as stream:  # noqa: PTH123
                stream.write(bytes(8192))
        except OSError:
            return False
        finally:
            if os.path.lexists(path):
                os.unlink(path)  # noqa: PTH108
        return True


class Networked(Experiment):
    """The bot's hosts, by both families; on macOS its companion too."""

    networked = True
    needs_use = True

    def _targets(self, site):
        found = reachability.targets(site, reachability.resolved(site.bot["hosts"]))
        return found if site.isolation.network else [*found, ("127.0.0.1", COMPANION)]

    def works(self, site):
        """Every connection is made; False: none is."""
        targets = self._targets(site)
        reached = reachability.reached(reachability.reach(site, targets, 0.5), targets)
        return None if 0 < len(reached) < len(targets) else bool(reached)

    def use(self, site, met):
        self.works(site)


class Throttled(Experiment):
    """A process that runs as usual."""

    def prepare(self, site):
        self._bot = subprocess.Popen([sys.executable, "-c", _IDLE], env={MARK_VARIABLE: site.mark})
        return changed(site, processes=lambda: [psutil.Process(self._bot.pid)])

    def works(self, site):
        """It has its usual priority."""
        [now] = system.priorities(self._bot.pid)
        return now.nice < 19 and not now.io_idle

    def end(self, site):
        self._bot.kill()
        self._bot.wait()


class Broken(Experiment):
    """A module that the bot imports."""

    needs_use = True

    def prepare(self, site):
        site.scratch.chmod(0o755)
        return site._replace(bot={**site.bot, "modules": ["statistics"]})

    def works(self, site):
        argv = [sys.executable, "-B", "-c", "import statistics"]
        return (
            subprocess.run(
                argv, env={**site.next_start.environment}, capture_output=True, check=False
            ).returncode
            == 0
        )

    def use(self, site, met):
        self.works(site)


class DeadProxy(Experiment):
    """A client that takes its proxy from its environment."""

    needs_use = True

    def works(self, site):
        return "http_proxy" not in site.next_start.environment

    def use(self, site, met):
        proxy = urllib.request.ProxyHandler({"http": site.next_start.environment["http_proxy"]})
        with contextlib.suppress(OSError):
            urllib.request.build_opener(proxy).open("http://192.0.2.99/", timeout=2).read()


class OnFile(Experiment):
    """A state file, and a log with a limit."""

    def prepare(self, site):
        ledger = Tracked(
            "ledger", "state/l.json", site.scratch.parent / "state" / "l.json", "json", ("orders",), None
        )
        ledger.path.write_text('{"orders": 1}')
        log = Tracked("errors", "log/e.log", site.scratch.parent / "log" / "e.log", "text", (), None)
        bot = {**site.bot, "logs": {"errors": {"path": "e.log", "max_bytes": 20000, "backups": 1}}}
        return site._replace(files={"ledger": ledger, "errors": log}, bot=bot)


class Rival(Experiment):
    """A second bot that writes to the same folder."""

    def prepare(self, site):
        def launch(settings, name, variables):
            argv = [sys.executable, "-c", _WRITES, site.places["state_dir"]]
            return subprocess.Popen(argv, env={MARK_VARIABLE: site.mark})

        return changed(site, launch=launch, bot={"settings": {}, "stop_within": 10.0})


class Second(Rival):
    """The bot's program once more; it sees that another one runs, and ends by itself."""

    def prepare(self, site):
        self._first = subprocess.Popen([sys.executable, "-c", _IDLE], env={MARK_VARIABLE: site.mark})

        def launch(settings, name, variables):
            marked = {MARK_VARIABLE: f"{site.mark}/{name}"}
            return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], env=marked)

        bot = {"cycle": {"file": "log", "line": "cycle"}, "first_cycle_within": 60.0, "stop_within": 10.0}
        processes = [psutil.Process(self._first.pid)]
        return changed(site, launch=launch, bot=bot, processes=lambda: processes, settings=dict)

    def end(self, site):
        self._first.kill()
        self._first.wait()


class Rotates(Experiment):
    """A log that the bot rotates before its next line is too much."""

    needs_use = True

    def prepare(self, site):
        path = Path(site.places["log_dir"]) / "e.log"
        errors = Tracked("errors", "log/e.log", path, "text", (), None)
        bot = {**site.bot, "logs": {"errors": {"path": "e.log", "max_bytes": 9000}}}
        return site._replace(files={"errors": errors}, bot=bot)

    def use(self, site, met):
        path = site.files["errors"].path
        path.rename(path.with_suffix(".1"))
        path.write_text("a line\n")


class Worker(Experiment):
    """A worker, which its master starts again when it is told to."""

    needs_use = True

    def prepare(self, site):
        self._master = subprocess.Popen(
            [usable_python(), "-c", _MASTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={MARK_VARIABLE: site.mark},
        )
        self._master.stdout.readline()
        main = psutil.Process(self._master.pid)
        seen = frozenset(tree.of(main.pid))
        assert len(seen) == 2

        def members():
            return tree.of(main.pid)

        return changed(site, processes=members, now=members, main=lambda: main, seen=lambda: seen)

    def use(self, site, met):
        self._master.stdin.write("again\n")
        self._master.stdin.flush()
        until = time.monotonic() + 60
        while not met() and time.monotonic() < until:
            time.sleep(0.01)

    def end(self, site):
        for member in tree.of(self._master.pid):
            with contextlib.suppress(psutil.NoSuchProcess):  # a worker ends with its master
                member.kill()
        self._master.communicate()


class Locked(Experiment):
    """A write to an SQLite database; a bot that is refused says so."""

    needs_use = True

    def prepare(self, site):
        self._path = Path(site.places["state_dir"]) / "l.sqlite"
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            connection.execute("CREATE TABLE t (n)")
        os.chown(self._path, site.user.uid, site.user.gid)
        (site.evidence / "start-01.err").touch()
        ledger = Tracked("ledger", "state/l.sqlite", self._path, "sqlite", (), None)
        state = {"ledger": {"path": "l.sqlite", "format": "sqlite", "rewritten": "never"}}
        return site._replace(files={"ledger": ledger}, bot={**site.bot, "state": state, "messages": {}})

    def works(self, site):
        return self._write() is None

    def use(self, site, met):
        with (site.evidence / "start-01.err").open("a") as said:
            said.write(f"sqlite3.OperationalError: {self._write()}\n")

    def _write(self):
        try:
            with contextlib.closing(sqlite3.connect(self._path, timeout=0)) as connection, connection:
                connection.execute("INSERT INTO t VALUES (1)")
        except sqlite3.OperationalError as problem:
            return str(problem)
        return None


class Vanished(Experiment):
    """What is in the state folder; a bot that misses it says so in its log."""

    needs_use = True

    def prepare(self, site):
        (Path(site.places["state_dir"]) / "ledger.json").write_text("good")
        log = Path(site.places["log_dir"]) / "e.log"
        return site._replace(files={"errors": Tracked("errors", "log/e.log", log, "text", (), None)})

    def works(self, site):
        return Path(site.places["state_dir"], "ledger.json").is_file()

    def use(self, site, met):
        with site.files["errors"].path.open("a") as log:
            log.write("could not save: [Errno 2] No such file or directory\n")


class Read(Experiment):
    """A file that changes while it is read."""

    needs_use = True

    def prepare(self, site):
        path = Path(site.places["state_dir"]) / "health.json"
        path.write_text('{"n": 0}')
        health = Tracked("health", "state/health.json", path, "json", (), None)
        bot = {**site.bot, "state": {"health": {"path": "health.json"}}}
        return site._replace(files={"health": health}, bot=bot)

    def use(self, site, met):
        [reader] = [
            child
            for child in psutil.Process().children()
            if "fleet_stress.faults.rivals.reader_process" in child.cmdline()
        ]
        path = site.files["health"].path
        for number in range(1, 6):
            beside = path.with_suffix(".tmp")
            beside.write_text(f'{{"n": {number}}}')
            beside.replace(path)
            begun, until = sum(reader.cpu_times()[:2]), time.monotonic() + 60
            while sum(reader.cpu_times()[:2]) < begun + 0.05 and time.monotonic() < until:
                time.sleep(0.005)  # it has come by a few times when it has used the processor


class OnDisk(Experiment):
    """A file that the bots' user makes with Python: by way of FUSE, or of its stand-in where there is none."""

    needs_use = True
    _MAKES = "import sys; open(sys.argv[1], 'w').close()"

    def prepare(self, site):
        about = {"argv": ["${python}", "main.py"], "python": usable_python(), "user": site.user.name}
        return site._replace(bot={**site.bot, **about})

    def use(self, site, met):
        self._makes(site)

    def _makes(self, site):
        path = Path(site.places["state_dir"]) / "made"
        done = subprocess.run(
            [usable_python(), "-c", self._MAKES, str(path)],
            env={**site.next_start.environment},
            cwd="/",
            user=site.user.uid,
            group=site.user.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
        path.unlink(missing_ok=True)
        return done.returncode == 0


class Refused(OnDisk):
    """The same, and the disk refuses it."""

    def works(self, site):
        return self._makes(site)


class Exchange(Experiment):
    """A question to the exchange, by way of the relay."""

    needs_use = True

    def prepare(self, site):
        self._open = contextlib.ExitStack()
        port = self._open.enter_context(an_exchange())
        self._made = self._certificates(site)
        self._relay = Relay("127.0.0.1", port, self._made)
        self._open.callback(self._relay.close)
        exchange = {"companion": "exchange", "https": {"URL": "https://${outside}"}}
        return changed(site, relay=self._relay, bot={**site.bot, "exchange": exchange})

    def _certificates(self, site):
        return None

    def _opener(self):
        return urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def works(self, site):
        scheme = "https" if self._made else "http"
        try:
            with self._opener().open(f"{scheme}://127.0.0.1:{self._relay.port}/prices", timeout=20) as answer:
                return answer.status == 200
        except urllib.error.URLError:
            return False

    def use(self, site, met):
        self.works(site)
        until = time.monotonic() + 20  # of a handshake that was refused the relay learns a moment later
        while not met() and time.monotonic() < until:
            time.sleep(0.01)

    def end(self, site):
        self._open.close()


class OverTls(Exchange):
    """The same by https, of a client that verifies."""

    def _certificates(self, site):
        return certificates.make(site.scratch / "certificates", ["127.0.0.1"])

    def _opener(self):
        careful = ssl.create_default_context(cafile=str(self._made.authority))
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=careful)
        )


EXPERIMENTS = {
    "ram_volume": OnVolume("ram_volume", {"folder": "state", "size": "1MB"}),
    "ram_volume, both folders": OnVolume("ram_volume", {"folder": "both", "size": "1MB"}),
    "ram_volume, all but these": OnVolume("ram_volume", {"folder": "working", "size": "1MB"}),
    "fill": Filled("fill", {"folder": "state", "until_free": "0B"}),
    "network_block, drop": Networked("network_block", {"how": "drop"}),
    "network_block, reject": Networked("network_block", {"how": "reject"}),
    "network_cut": Networked("network_cut", {}),
    "throttle": Throttled("throttle", {}),
    "broken_module": Broken("broken_module", {"kind": "import_import_error"}),
    "dead_proxy": DeadProxy("dead_proxy", {"how": "close"}),
    "corrupt": OnFile("corrupt", {"file": "ledger", "truncate_at": 3}),
    "grown_log": OnFile("grown_log", {"file": "errors"}),
    "log_at_limit": Rotates("log_at_limit", {"file": "errors"}),
    "worker_death": Worker("worker_death", {}),
    "rival": Rival("rival", {}),
    "second_instance": Second("second_instance", {}),
    "database_lock": Locked("database_lock", {}),
    "vanish": Vanished("vanish", {}),
    "reader": Read("reader", {}),
    "slow_disk": OnDisk("slow_disk", {"latency": 0.02}),
    "faulty_fs": Refused("faulty_fs", {"rules": [{"on": ["create"], "path": "made", "errno": "ENOSPC"}]}),
    "bad_exchange": Exchange("bad_exchange", {"answer": "server_error"}),
    "bad_certificate": OverTls("bad_certificate", {"how": "self_signed"}),
}
#: Faults that macOS has no means for; each has to say so itself, and what would enable it.
NOT_ON_MACOS = sorted({*FAULTS} - {experiment.fault.name for experiment in EXPERIMENTS.values()})
