"""The unprivileged user that bots run as: whether it is there, and whether we made it."""

from __future__ import annotations

import grp
import os
import pwd
from typing import Any

#: The comment (GECOS) that the role engine gives the user it makes; purge removes no other user.
USER_COMMENT = "fleet-stress bots"


def user_facts(name: str) -> dict[str, Any]:
    """What the bots' user is. A user that is yet to be made has no rights but those of everybody."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        absent = dict.fromkeys(("user_exists", "user_ours", "user_root", "group_ours"), False)
        return {**absent, "user": name, "uid": -1, "gids": []}
    ours = entry.pw_gecos.split(",")[0] == USER_COMMENT
    return {
        "user": name,
        "user_exists": True,
        "user_ours": ours,
        "group_ours": ours and its_own_group(entry),
        "user_root": entry.pw_uid == 0,
        "uid": entry.pw_uid,
        "gids": os.getgrouplist(name, entry.pw_gid),
    }


def its_own_group(entry: pwd.struct_passwd) -> bool:
    """Whether a user's first group has its name, and nobody else in it."""
    try:
        group = grp.getgrgid(entry.pw_gid)
    except KeyError:
        return False
    members = {user.pw_name for user in pwd.getpwall() if user.pw_gid == group.gr_gid} | set(group.gr_mem)
    return group.gr_name == entry.pw_name and members <= {entry.pw_name}
