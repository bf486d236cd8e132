"""taskpolicy(8): ``[-b|-B] [-t tier] [-l tier] [-p pid]`` moves a running process into and out of PRIO_DARWIN_BG.

The policies of ``-d``, ``-g`` and ``-c`` are for a program that taskpolicy starts; with ``-p`` they are refused.
"""

import os

from tests.doubles.processes import lives
from tests.doubles.state import Refused

_USAGE = "usage: taskpolicy [-d policy] [-g policy] [-c clamp] [-b] [-t tier] [-l tier] program [arg1 [...]]"


def run(name, argv, mac):
    """``taskpolicy -b|-B -p pid``."""
    if len(argv) != 3 or argv[0] not in ("-b", "-B") or argv[1] != "-p" or not argv[2].isdigit():
        raise Refused(64, _USAGE)
    pid = int(argv[2])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        raise Refused(71, f"taskpolicy: setpriority(PRIO_DARWIN_PROCESS, {pid}): No such process") from None
    except PermissionError:
        raise Refused(71, f"taskpolicy: setpriority(PRIO_DARWIN_PROCESS, {pid}): Permission denied") from None
    slowed = mac.setdefault("background", [])
    if argv[0] == "-b":
        mac["background"] = sorted({*slowed, pid})
    else:
        mac["background"] = [item for item in slowed if item != pid]
    return ""


def left(mac):
    """Living processes that are in the background state still; it goes with its process."""
    return [f"process {pid} in the background state" for pid in mac.get("background", []) if lives(pid)]
