"""How we get to work on a host: a Python that can be used, and root where it is needed."""

from __future__ import annotations

import re
from typing import Any

from fleet_controller.hosts.preflight.problem import Problem, problem

_PREFIX = "fleet-stress: "
_NO_PASSWORD = re.compile(
    r"(Missing|Incorrect) \w+ password|password is required|[Ww]aiting for (become success|privilege escalation)"
)


def read_probe(output: str, become: bool, wanted: str = "", method: str = "sudo") -> dict[str, Any]:
    """Read the output of ``find_python.sh``: ``uid``, ``user``, ``python`` (path or empty) and ``problems``.

    Args:
        output: What the probe printed; lines of others (a login banner) are passed over.
        become: Whether we may become root, so that bots run as a user of their own.
        wanted: The value of ``stress_python``.
        method: How root is become.
    """
    lines = [line.strip()[len(_PREFIX) :] for line in output.splitlines() if line.startswith(_PREFIX)]
    pairs = [line.partition(" ")[::2] for line in lines]
    words = dict(pairs)
    root_possible = become or words.get("uid") == "0"
    pythons = [rest.split(" ", 2) for word, rest in pairs if word == "python"]
    # One that its owner alone can start will do where bots run as that owner.
    usable = [python for python in pythons if python[1] == "-" or not root_possible]
    problems = []
    if not usable:
        passed = [rest for word, rest in pairs if word == "passed"]
        closed = [f"{path}: only its owner can start it, {folder} is closed" for _, folder, path in pythons]
        looked = "; ".join([*passed, *closed]) or "no python3 on the PATH nor in the usual places"
        problems.append(
            problem(
                "stress_python cannot be used" if wanted else "no working Python 3.9 or newer was found",
                wanted or looked,
                looked if wanted else "modules, engine and bots run with it, bots as a user of their own",
                "correct it, or leave it out: then one is searched for"
                if wanted
                else "install one (apt install python3, dnf install python3, brew install python), or name one:"
                " -e stress_python=/path/to/python3",
            )
        )
    if become and words.get("uid") != "0" and method == "sudo" and words.get("sudo") != "yes":
        problems.append(
            problem(
                "root is needed, and there is no sudo",
                f"login {words.get('user', '?')}",
                "the bots' user and its folder are made by root",
                "log in as root or install sudo; or do without: -e stress_become=false -e stress_user="
                f"{words.get('user', '$(id -un)')} -e stress_dir='~/fleet-stress'",
            )
        )
    return {
        "uid": int(words.get("uid", -1)),
        "user": words.get("user", ""),
        "python": usable[0][2] if usable else "",
        "problems": problems,
    }


def wants_password(error: str, login: str) -> Problem | None:
    """Where root could not be become for want of a password, that; None: it was something else.

    ``error``: as Ansible says it; sudo's own words may be in it.
    """
    if not _NO_PASSWORD.search(error):
        return None
    return problem(
        "becoming root takes a password, and there is none or a wrong one",
        f"login {login or '?'}",
        "the bots' user and its folder are made by root",
        "give Ansible the password: add -K (make stress ARGS='-K'); or do without root: -e stress_become=false"
        " -e stress_dir='~/fleet-stress'",
    )
