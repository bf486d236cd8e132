"""ps(1) and lsof(8) as macOS has them, of the processes of a Linux host that plays a Mac: the few ways they are asked.

``ps -axEww -o pid=,command=`` (``-E``: with the environment), ``ps -axo pid=,uid=``, ``ps -o pid=,command= -u USER``;
``lsof -w -n -P -F pan``. Option and word stand as macOS takes them; others are refused.
"""

import os
import pwd
from pathlib import Path

from tests.doubles.state import Refused


def run(name, argv, mac):
    """A look at /proc, told in macOS's words."""
    del mac
    if name == "lsof":
        if argv != ["-w", "-n", "-P", "-F", "pan"]:
            raise Refused(1, f"the double of lsof does not know: {' '.join(argv)}")
        return "".join(_open_files(pid) for pid in _pids())
    match argv:
        case ["-axEww", "-o", "pid=,command="]:
            return _lines(_pids(), lambda pid: f"{_words(pid, 'cmdline')} {_words(pid, 'environ')}")
        case ["-axo", "pid=,uid="]:
            return _lines(_pids(), lambda pid: str(_owner(pid)))
        case ["-o", "pid=,command=", "-u", user]:
            return _lines(
                [item for item in _pids() if _owner(item) == pwd.getpwnam(user).pw_uid],
                lambda pid: _words(pid, "cmdline"),
            )
    raise Refused(1, f"ps: illegal argument: {' '.join(argv)}")


def _pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid())  # noqa: PTH208


def _lines(pids, say):
    lines = []
    for pid in pids:
        try:
            lines.append(f"{pid:5} {say(pid)}\n")
        except OSError:
            continue
    return "".join(lines)


def _words(pid, file):
    return (
        Path(f"/proc/{pid}/{file}")
        .read_bytes()
        .replace(b"\0", b" ")
        .decode(errors="replace")
        .replace("\n", " ")
        .strip()
    )


def _owner(pid):
    return Path(f"/proc/{pid}").stat().st_uid


def _open_files(pid):
    out = [f"p{pid}\n"]
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            path = str(Path(f"/proc/{pid}/fd/{name}").readlink())
            flags = Path(f"/proc/{pid}/fdinfo/{name}").read_text().split("flags:")[1].split()[0]
            access = "rwu"[int(flags, 8) & 3]
            out += [f"f{name}\n", f"a{access}\n", f"n{path}\n"] if path.startswith("/") else []
    except OSError:
        pass
    return "".join(out)


def left(mac):
    """They change nothing."""
    return []
