"""sysctl(8): ``sysctl -n name``, for the few names that the engine reads."""

from tests.doubles.state import Refused

#: kern.bootsessionuuid is made anew at each boot (xnu, bsd/kern/kern_sysctl.c).
NAMES = {"kern.bootsessionuuid": "6F1C3B44-3B46-4B1C-9E1A-4B5F1D1F4D11"}


def run(name, argv, mac):
    """``-n``: the value alone."""
    if len(argv) != 2 or argv[0] != "-n":
        raise Refused(1, "usage: sysctl [-n] name ...")
    if argv[1] not in NAMES:
        raise Refused(1, f"sysctl: unknown oid '{argv[1]}'")
    return mac.get("sysctl", {}).get(argv[1], NAMES[argv[1]]) + "\n"


def left(mac):
    """It changes nothing."""
    return []
