"""uname(1), sw_vers(1) and xcode-select(1): what the machine says of itself. It says that it is a double."""

from tests.doubles.darwin_python import UNAME
from tests.doubles.state import Refused

VERSION = "14.6"
_SW_VERS = {"-productName": "macOS", "-productVersion": VERSION, "-buildVersion": "23G-double"}
_UNAME = {"-s": UNAME[0], "-r": UNAME[1], "-v": UNAME[2], "-m": UNAME[3], "-p": "arm"}


def run(name, argv, mac):
    """One word each, as their manual pages have it."""
    if name == "xcode-select":
        raise Refused(
            2, "xcode-select: error: unable to get active developer directory (the tools are not installed)"
        )
    known = _UNAME if name == "uname" else _SW_VERS
    if not argv:
        return f"{UNAME[0]}\n" if name == "uname" else "".join(f"{k[1:]}:\t{v}\n" for k, v in known.items())
    if name == "uname" and argv == ["-a"]:
        return " ".join((UNAME[0], "double", *UNAME[1:])) + "\n"
    if len(argv) > 1 or argv[0] not in known:
        raise Refused(1, f"{name}: illegal option -- {' '.join(argv)}")
    return known[argv[0]] + "\n"


def left(mac):
    """They change nothing."""
    return []
