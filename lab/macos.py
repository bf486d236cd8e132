"""A lab's host that plays a Mac: a Linux host whose programs and whose Python answer as macOS's do. It is a double.

What a person sees of it says so: its name ends in ``-double``, and so does the release of its system. Its file
system, processes, signals and network are Linux's; programs of macOS are the strict doubles of ``tests/doubles``;
what Linux alone has is hidden from Python (``tests/doubles/darwin_python.py``), and the programs that only Linux has
are not there.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil

from lab import libproc
from lab.layers import Layer
from tests.doubles.about import VERSION
from tests.doubles.mac import DOUBLES

#: How the names of such hosts end.
ENDING = "-double"
_ROOT = Path(__file__).parents[1]
_PYTHON = Path("/usr/bin/python3")
_HOME = "/usr/local/lib/macos-double"
_STATE = "/usr/local/lib/macos-double/state/mac.json"
#: Where macOS has its programs; those not named here are in /usr/sbin.
_PLACES = {
    "/usr/bin": (
        "caffeinate",
        "defaults",
        "dscl",
        "hdiutil",
        "openssl",
        "stat",
        "sw_vers",
        "uname",
        "xcode-select",
    ),
    "/bin": ("launchctl", "ps"),
    "/sbin": ("mount", "newfs_hfs", "pfctl", "umount"),
}
#: Beside those that the engine's own tests need, what a host is asked by others.
_MORE = {"uname": "about", "ps": "ps", "lsof": "ps", "stat": "stat"}
#: Linux's alone. A host that plays a Mac has none of it to fall back upon.
_ABSENT = (
    *(
        "ip",
        "iptables",
        "ip6tables",
        "iptables-legacy",
        "nft",
        "systemctl",
        "systemd-run",
        "getent",
        "useradd",
        "userdel",
    ),
    *(
        "groupadd",
        "groupdel",
        "fusermount3",
        "unshare",
        "nsenter",
        "setsid",
        "chrt",
        "ionice",
        "taskset",
        "losetup",
        "apt-get",
    ),
)

_SITE = f"""\
import sys
sys.path.append({_HOME!r})
from tests.doubles.darwin_python import seal
sys.path.remove({_HOME!r})
seal(psutil_from={_HOME + "/psutil"!r})
"""
_VERSION_LIST = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>ProductName</key><string>macOS</string><key>ProductVersion</key><string>{VERSION}</string>
<key>ProductBuildVersion</key><string>23G-double</string>
</dict></plist>
"""


def seed(root: Path) -> None:
    """Add to the layer of one host what makes it play a Mac."""
    layer = Layer(root)
    for name in _ABSENT:
        for folder in ("/usr/bin", "/usr/sbin"):
            if Path(folder, name).exists():
                layer.absent(f"{folder}/{name}")
    _bring_doubles(layer)
    layer.file(f"{_standard_library()}/sitecustomize.py", _SITE)
    layer.file("/System/Library/CoreServices/SystemVersion.plist", _VERSION_LIST)
    # Homebrew's Python, which is the one that Debian has; what is in /usr/bin is the stub of the Command Line Tools.
    _link(layer, "/opt/homebrew/bin/python3", _PYTHON.resolve())
    for path in ("/private/var", "/private/tmp"):
        _link(layer, path, Path("/", Path(path).name))
    layer.folder("/usr/local/var")
    if libproc.compiler():
        libproc.build(layer.folder("/usr/lib") / "libproc.dylib")


def _bring_doubles(layer: Layer) -> None:
    for file in (_ROOT / "tests/doubles").glob("*.py"):
        layer.file(f"{_HOME}/tests/doubles/{file.name}", file.read_text("utf-8"))
    layer.file(f"{_HOME}/tests/__init__.py", "")
    for file in Path(psutil.__file__).parent.glob(
        "*"
    ):  # works on the system below, whatever wheel is installed there
        if file.is_file():
            target = layer.folder(f"{_HOME}/psutil/psutil") / file.name
            target.write_bytes(file.read_bytes())
    real = layer.folder(_HOME) / "openssl"  # the double checks the words, and has that do the work
    real.write_bytes(Path("/usr/bin/openssl").read_bytes())
    real.chmod(0o755)
    # Whoever runs a program changes the state: root, and whoever logs in.
    layer.file(_STATE, '{"accounts": "/etc"}', 0o666)
    layer.file(str(Path(_STATE).with_suffix(".lock")), "", 0o666)
    layer.folder(str(Path(_STATE).parent)).chmod(0o777)
    folders = {name: folder for folder, names in _PLACES.items() for name in names}
    for name, module in {**DOUBLES, **_MORE}.items():
        folder = folders.get(name, "/usr/sbin")
        text = (
            f"#!{_PYTHON.resolve()} -IS\nimport sys\nsys.path.insert(0, {_HOME!r})\n"
            f"from tests.doubles.tool import serve\nsys.exit(serve({name!r}, {module!r}, {_STATE!r}))\n"
        )
        real = Path(folder).resolve()  # on a machine whose /bin is a link, so it is on its hosts
        layer.file(f"{real}/{name}", text, 0o755)


def _standard_library() -> str:
    asked = [str(_PYTHON), "-IS", "-c", "import os; print(os.path.dirname(os.__file__))"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _link(layer: Layer, path: str, target: Path) -> None:
    (layer.folder(str(Path(path).parent)) / Path(path).name).symlink_to(target)
