"""The user that bots run as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_controller.hosts.preflight.problem import Problem, problem


def user_problems(facts: Mapping[str, Any], *, may_create: bool) -> Iterable[Problem]:
    """That bots cannot run as ``stress_user``, or must not."""
    user, login = facts["user"], facts["login"]
    where = f"stress_user {user}"
    if not facts["root"] and user != login:
        yield problem(
            f"bots cannot run as {user}: everything here runs as {login}, which is not root",
            where,
            "only root can make a user and change to it",
            "allow root (stress_become=true and a login with sudo), or run bots as the login itself:"
            f" -e stress_become=false -e stress_user={login} -e stress_dir='~/fleet-stress'",
        )
    elif facts["user_root"]:
        yield problem(
            "bots would run as root",
            where,
            "a bot under stress must not be able to harm the host",
            "name an unprivileged user: -e stress_user=fleet-stress",
        )
    elif not facts["user_exists"] and not may_create:
        yield problem(
            "that user does not exist",
            where,
            "with stress_become=false no user is made",
            "name a user that exists, or leave stress_become alone",
        )
