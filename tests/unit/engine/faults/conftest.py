"""An arena as far as a fault sees it."""

import os
import pwd

from fleet_stress.faults.site import Isolation, NextStart, RunningBot, Site
from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.system.process import User

#: The fields of a site's parts, which ``make_site`` takes by their own names.
_PARTS = {"running": RunningBot, "next_start": NextStart, "isolation": Isolation}


def make_site(folder, **changes):
    """A site below ``folder``; ``changes`` are fields of it or of its parts."""
    names = ("state", "log", "bot", "home", "tmp")
    for name in (*names, "fault", "evidence"):
        (folder / name).mkdir(exist_ok=True)
    login = pwd.getpwuid(os.getuid())
    usual = Site(
        places={"python": "/usr/bin/python3", **{f"{name}_dir": str(folder / name) for name in names}},
        files={},
        user=User(login.pw_name, login.pw_uid, login.pw_gid),
        bot={"hosts": [], "modules": [], "environment": {}},
        mark="run/scenario",
        scratch=folder / "fault",
        evidence=folder / "evidence",
        running=RunningBot(
            processes=list,
            launch=lambda *_: None,
            settings=dict,
            now=list,
            main=lambda: None,
            seen=lambda: None,
        ),
        next_start=NextStart({}, {}, []),
        isolation=Isolation(private_mounts=False, underneath=CoveredFolders(lambda: None)),
        earlier=[],
    )
    return changed(usual, **changes)


def changed(site, **changes):
    """The same site with other fields, or other fields of its parts."""
    for part, kind in _PARTS.items():
        own = {name: changes.pop(name) for name in kind._fields if name in changes}
        site = site._replace(**{part: getattr(site, part)._replace(**own)})
    return site._replace(**changes)


def applied(kind, site, arguments):
    """A fault that was applied there, without the undo records around it."""
    fault = kind(site, arguments)
    fault.apply()
    site.earlier.append(fault)
    return fault
