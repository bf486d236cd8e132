"""What a build sees of the world that we run in: how to reach its index, and nothing else."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.fleet_stress.store.bare_python.marks import MARK_VARIABLE

#: What pip may know of our environment: its index, the way there, and whom to trust. The rest of an operator's
#: environment is nobody's business; options that install elsewhere would defeat the purpose.
PASSED_ON = re.compile(r"PIP_\w+|\w*_proxy|\w*_PROXY|\w*CERT\w*")
NOT_PASSED_ON = re.compile(
    r"PIP_(TARGET|PREFIX|ROOT|USER|PYTHON|REQUIRE_VIRTUALENV|LOG|REPORT|QUIET|VERBOSE|DRY_RUN)"
)


def environment(ours: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of a build. ``home``: its folder for all that it does not keep."""
    passed = {
        name: value
        for name, value in ours.items()
        if PASSED_ON.fullmatch(name) and not NOT_PASSED_ON.fullmatch(name)
    }
    settings = home / "pip.conf"
    if settings.exists():
        passed.setdefault("PIP_CONFIG_FILE", str(settings))
    # With the variable that marks processes as ours: preflight then does not count them as in the way.
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {
        "PATH": path,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        MARK_VARIABLE: "provision",
        **passed,
    }


def settings_of_host() -> list[str]:
    """The host's own pip settings say where its index is; who builds has no home to find them in."""
    for place in (".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf"):
        settings = Path(pwd.getpwuid(os.geteuid()).pw_dir) / place
        if settings.is_file():
            return settings.read_text(encoding="utf-8").splitlines()
    return []
