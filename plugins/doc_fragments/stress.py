"""What the documents of our modules share: ``extends_documentation_fragment: stress.controller``, for example.

A module's own words win over these.
"""

from __future__ import annotations

_SHARED = """
author: [fleet-stress]
attributes:
  check_mode: {description: Whether it says what it would do and does nothing., support: full}
  diff_mode: {description: Changes nothing., support: none}
  platform: {description: DESCRIPTION, support: full, platforms: PLATFORMS}
"""


def _where(description: str, platforms: str = "posix") -> str:
    return _SHARED.replace("DESCRIPTION", description).replace("PLATFORMS", platforms)


class ModuleDocFragment:
    """Named to Ansible."""

    CONTROLLER = _where("Runs on the controller.")
    HOST = _where("Linux and macOS.")
    LINUX = _where("Linux.", "linux")
    STORED_RUN = """
options:
  run_id:
    description: Id of the run, or V(latest).
    type: str
    default: latest
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
"""
