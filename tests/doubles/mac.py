"""One Mac made of doubles, in a folder: its programs, its state, and the engine that believes to be on it."""

import importlib
import sys
from pathlib import Path

from fleet_stress import system
from fleet_stress.system import programs
from fleet_stress.system.darwin import (
    descriptors,
    ipc,
    kernel,
    memory,
    mounts,
    network,
    priority,
    service,
    shared,
    tasks,
)
from tests.doubles.state import state

#: Programs by name, and the file here that plays each.
DOUBLES = {
    "caffeinate": "caffeinate",
    "defaults": "defaults",
    "diskutil": "diskutil",
    "dscl": "dscl",
    "dseditgroup": "dscl",
    "hdiutil": "hdiutil",
    "ipcs": "ipcs",
    "launchctl": "launchctl",
    "mount": "mount",
    "newfs_hfs": "newfs_hfs",
    "openssl": "openssl",
    "pfctl": "pfctl",
    "sw_vers": "about",
    "sysctl": "sysctl",
    "taskpolicy": "taskpolicy",
    "umount": "umount",
    "xcode-select": "about",
}
#: What the engine asks of a system on macOS, in the places where ``fleet_stress/system/__init__.py`` takes it from.
_DARWIN = (
    kernel,
    descriptors,
    ipc,
    memory,
    mounts,
    network,
    priority,
    service,
    shared,
    tasks,
)
_ROOT = Path(__file__).parents[2]


class Mac:
    """Programs in ``<folder>/bin``, state in ``<folder>/mac.json``."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.bin, self._path = self.folder / "bin", self.folder / "mac.json"
        self.bin.mkdir(parents=True)
        for name, module in DOUBLES.items():
            program = self.bin / name
            program.write_text(
                f"#!{sys.executable} -IS\nimport sys\nsys.path.insert(0, {str(_ROOT)!r})\n"
                f"from tests.doubles.tool import serve\n"
                f"sys.exit(serve({name!r}, {module!r}, {str(self._path)!r}))\n"
            )
            program.chmod(0o755)

    def state(self):
        """A context manager: the state, to be looked at or changed."""
        return state(self._path)

    @property
    def calls(self):
        """Every command line so far, the program's name first."""
        with self.state() as now:
            return list(now.get("calls", []))

    def kill_at(self, call, when):
        """Who makes the n-th call of all (from 1) is killed ``before`` or ``after`` it is done; None: nobody."""
        with self.state() as now:
            now["kill"] = {"call": call, "when": when} if call else None

    def left(self):
        """What still stands, in words, of all doubles."""
        with self.state() as now:
            modules = {importlib.import_module(f"tests.doubles.{double}") for double in DOUBLES.values()}
            return sorted(word for module in modules for word in module.left(now))

    def enter(self, patch=setattr):
        """From here on this process, and what it forks, is on this Mac; ``monkeypatch.setattr`` takes it back."""
        patch(programs, "_PATH", f"{self.bin}:{programs._PATH}")
        for module in _DARWIN:
            for name in module.__all__:
                patch(system, name, getattr(module, name))
        # A call to the kernel and no program: what it tells is what the double of taskpolicy was told.
        patch(priority, "background", self._background)

    def _background(self, pid):
        with self.state() as now:
            return int(pid in now.get("background", []))
