"""What tasks changed on hosts, in a line for hosts on which the same was changed: the tasks of a role are counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from fleet_controller.messages.text import number_of

#: So many hosts are named.
_NAMED = 3


def changed_lines(changed: Mapping[str, Collection[str]]) -> Iterator[str]:
    """``lab01: changed: engine (4 tasks), bot (5 tasks)``.

    ``changed``: hosts by task, a task of a role as ``role: name``.
    """
    alike: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for task, hosts in changed.items():
        roles = alike.setdefault(tuple(hosts), {})
        roles.setdefault(task.partition(": ")[0], []).append(task)
    for hosts, roles in alike.items():
        who = ", ".join(hosts) if len(hosts) <= _NAMED else number_of(len(hosts), "host")
        what = [
            tasks[0] if len(tasks) == 1 else f"{role} ({len(tasks)} tasks)" for role, tasks in roles.items()
        ]
        yield f"{who}: changed: {', '.join(what)}"
