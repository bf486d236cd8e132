"""ipcs(1): ``ipcs -c``, System V objects with their owners and makers, as a state's ``ipcs`` lists them."""

from tests.doubles.state import Refused

_HEADS = {"q": "Message Queues:", "m": "Shared Memory:", "s": "Semaphores:"}


def run(name, argv, mac):
    """Columns as in ipcs.c of macOS."""
    if argv != ["-c"]:
        raise Refused(1, "usage: ipcs [-abcmopqstMQST]")
    lines = ["IPC status from <running system> as of Mon Nov 30 07:52:33 UTC 2026"]
    for kind, head in _HEADS.items():
        lines += ["T     ID     KEY        MODE       OWNER    GROUP  CREATOR   CGROUP", head]
        for each in mac.get("ipcs", []):
            if each["kind"] == kind:
                owner = each["owner"]
                lines.append(
                    f"{kind} {each['id']} 0x00000000 --rw-------    {owner}    staff    {owner}    staff"
                )
        lines.append("")
    return "\n".join(lines)


def left(mac):
    """It changes nothing."""
    return []
