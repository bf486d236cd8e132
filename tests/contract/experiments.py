"""What each fault is tried with: how it is asked for, what the bot does while it stands, and a control.

A control is something that works before, does not while the fault stands, and works again afterwards.
"""

import contextlib
import os
import subprocess
import sys
import urllib.request

import psutil

from fleet_stress import host
from fleet_stress.faults import FAULTS, reaching
from fleet_stress.files import Tracked
from fleet_stress.place import MARK_VARIABLE
from tests.contract.worlds import COMPANION

#: A bot, as far as priorities go, and one that writes without end.
_IDLE = "import time\nwhile True: time.sleep(1)"
_WRITES = """
import os, sys
while True:
    with open(sys.argv[1] + "/state.json.tmp", "w") as stream:
        stream.write("{}")
    os.replace(sys.argv[1] + "/state.json.tmp", sys.argv[1] + "/state.json")
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

    def works(self, site):  # noqa: ARG002
        """The control; None where the fault has none that could be asked."""
        return

    def use(self, site):
        """The bot does what meets the fault."""

    def end(self, site):
        """What ``prepare`` has started ends."""


class OnVolume(Experiment):
    """A folder takes more than the volume holds."""

    def works(self, site):
        """More than the volume's size can be written into the state folder."""
        path = f"{site.places['state_dir']}/big"
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
        found = reaching.targets(site, reaching.resolved(site.bot["hosts"]))
        return found if site.private_network else [*found, ("127.0.0.1", COMPANION)]

    def works(self, site):
        """Every connection is made; False: none is."""
        targets = self._targets(site)
        reached = reaching.reached(reaching.reach(site, targets, 0.5), targets)
        return None if 0 < len(reached) < len(targets) else bool(reached)

    def use(self, site):
        self.works(site)


class Throttled(Experiment):
    """A process that runs as usual."""

    def prepare(self, site):
        self._bot = subprocess.Popen([sys.executable, "-c", _IDLE], env={MARK_VARIABLE: site.mark})
        return site._replace(processes=lambda: [psutil.Process(self._bot.pid)])

    def works(self, site):  # noqa: ARG002
        """It has its usual priority."""
        [now] = host.priorities(self._bot.pid)
        return now.nice < 19 and not now.io_idle

    def end(self, site):  # noqa: ARG002
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
            subprocess.run(argv, env={**site.environment}, capture_output=True, check=False).returncode == 0
        )

    def use(self, site):
        self.works(site)


class DeadProxy(Experiment):
    """A client that takes its proxy from its environment."""

    needs_use = True

    def works(self, site):
        return "http_proxy" not in site.environment

    def use(self, site):
        proxy = urllib.request.ProxyHandler({"http": site.environment["http_proxy"]})
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
        def launch(settings, name):
            argv = [sys.executable, "-c", _WRITES, site.places["state_dir"]]
            return subprocess.Popen(argv, env={MARK_VARIABLE: site.mark})

        return site._replace(launch=launch, bot={"settings": {}, "stop_within": 10.0})


EXPERIMENTS = {
    "ram_volume": OnVolume("ram_volume", {"folder": "state", "size": "1MB"}),
    "ram_volume, both folders": OnVolume("ram_volume", {"folder": "both", "size": "1MB"}),
    "fill": Filled("fill", {"folder": "state", "until_free": "0B"}),
    "network_block, drop": Networked("network_block", {"how": "drop"}),
    "network_block, reject": Networked("network_block", {"how": "reject"}),
    "network_cut": Networked("network_cut", {}),
    "throttle": Throttled("throttle", {}),
    "broken_module": Broken("broken_module", {"kind": "import_import_error"}),
    "dead_proxy": DeadProxy("dead_proxy", {"how": "close"}),
    "corrupt": OnFile("corrupt", {"file": "ledger", "truncate_at": 3}),
    "grown_log": OnFile("grown_log", {"file": "errors"}),
    "rival": Rival("rival", {}),
}
