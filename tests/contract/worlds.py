"""Where an experiment happens: in namespaces of its own, which go with the driver that makes them.

On Linux an arena makes itself a network. On the Mac it has the host's: there that is one made by the driver, with hosts
behind a link, and the bot's companion on loopback.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

from fleet_stress import system
from fleet_stress.system.linux import kernel
from fleet_stress.system.network import private_network
from fleet_stress.system.process import user_named
from tests.doubles.mac import Mac
from tests.unit.engine.faults.conftest import make_site

NAMES = ("one.fleet-stress.test", "two.fleet-stress.test")
_CLONE_NEWNS, _CLONE_NEWNET, _MS_REC_PRIVATE = 0x00020000, 0x40000000, 16384 | 1 << 18
_SERVER = """
import selectors, socket, sys
looked = selectors.DefaultSelector()
for port in sys.argv[1:]:
    one = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
    looked.register(one, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in looked.select():
        key.fileobj.accept()[0].close()
"""
#: Where the bot's companion listens: on loopback, in the host's network.
COMPANION = 8711

_libc = ctypes.CDLL(None, use_errno=True)


class World:
    """One system, as the driver and the arena's process see it."""

    #: ``real`` or ``double``.
    kind = "real"

    def __init__(self, folder):
        self.folder = Path(folder)

    def __enter__(self):
        assert _libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        assert _libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None) == 0
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self._before = self._stands()
        return self

    def __exit__(self, *_):
        """The namespaces go with the driver."""

    def site(self, arena, mark, **changes):
        """What the fault may touch; called in the arena's process."""
        raise NotImplementedError

    def left(self):
        """What stands now and did not in the beginning, in words."""
        return sorted(set(self._stands()) - set(self._before))

    def _stands(self):
        mounted = [
            item for item in Path("/proc/self/mountinfo").read_text().splitlines() if str(self.folder) in item
        ]
        rules = []
        for tool in ("iptables", "ip6tables"):
            printed = subprocess.run([tool, "-S"], capture_output=True, text=True, check=True).stdout
            rules += [f"{tool} {line}" for line in printed.splitlines()]
        return mounted + rules


class Linux(World):
    """This machine: mount and network namespaces, tmpfs, iptables."""

    name = "linux"

    def site(self, arena, mark, *, networked=False, **changes):
        if networked:
            net = private_network.Network(NAMES)
            (arena / "fault").mkdir()
            system.mount_private_folders(net.system_files(arena / "fault"))
            bot = {"hosts": list(NAMES), "modules": ["statistics"], "environment": {}}
            changes |= {"network": net, "bot": bot}
        else:
            assert system.mount_private_folders({})
        return make_site(arena, mark=mark, user=user_named("nobody"), private_mounts=True, **changes)


class MacOS(World):
    """A Mac made of doubles, whose disks and packets are this machine's."""

    name = "macos"
    kind = "double"

    def __enter__(self):
        super().__enter__()
        self._network = private_network.Network(NAMES)
        argv = [sys.executable, "-c", _SERVER, str(COMPANION)]
        self._companion = subprocess.Popen(
            argv, stdout=subprocess.PIPE, text=True, preexec_fn=kernel.die_with_parent
        )
        assert self._companion.stdout.readline() == "ready\n"
        self.mac = Mac(self.folder / "mac")
        self.mac.enter()
        return self

    def __exit__(self, *_):
        self._companion.kill()
        self._companion.wait()
        self._network.close()

    def site(self, arena, mark, *, networked=False, **changes):
        site = make_site(arena, mark=mark, user=user_named("nobody"), **changes)
        if networked:
            site.places.update({"outside": "127.0.0.1", "exchange.ready": str(COMPANION)})
            site = site._replace(
                bot={"hosts": self._addresses(), "modules": ["statistics"], "environment": {}}
            )
        return site

    def _addresses(self):
        return [item for some in self._network.hosts.values() for item in some]

    def left(self):
        return super().left() + self.mac.left()


WORLDS = {world.name: world for world in (Linux, MacOS)}
