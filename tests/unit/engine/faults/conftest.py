"""An arena as far as a fault sees it."""

import os
import pwd

from fleet_stress.faults.protocol import Site
from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.system.process import User


def make_site(folder, **changes):
    """A site below ``folder``; ``changes`` are fields of it."""
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
        environment={},
        processes=list,
        launch=lambda *_: None,
        settings=dict,
        private_network=False,
        private_mounts=False,
        evidence=folder / "evidence",
        underneath=CoveredFolders(lambda: None),
        outputs={},
        groups=[],
        measured={},
    )
    return usual._replace(**changes)
