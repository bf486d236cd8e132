"""stat(1) of BSD: ``stat -f FORMAT FILE``, the format one of ``%Lp`` (mode), ``%Su %u %Sg %g %m %z``."""

import grp
import pwd
import stat
from pathlib import Path

from tests.doubles.state import Refused

_FORMATS = {
    "%Lp": lambda item: f"{stat.S_IMODE(item.st_mode):o}",
    "%Su": lambda item: pwd.getpwuid(item.st_uid).pw_name,
    "%u": lambda item: str(item.st_uid),
    "%Sg": lambda item: grp.getgrgid(item.st_gid).gr_name,
    "%g": lambda item: str(item.st_gid),
    "%m": lambda item: str(int(item.st_mtime)),
    "%z": lambda item: str(item.st_size),
}


def run(name, argv, mac):
    """Links are not followed, as without ``-L``."""
    match argv:
        case ["-f", form, path] if form in _FORMATS:
            try:
                return _FORMATS[form](Path(path).lstat()) + "\n"
            except FileNotFoundError:
                raise Refused(1, f"stat: {path}: stat: No such file or directory") from None
    raise Refused(1, f"stat: illegal option or a format that the double does not know: {' '.join(argv)}")


def left(mac):
    """It changes nothing."""
    return []
