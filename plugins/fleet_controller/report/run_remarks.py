"""What is to be said of a run beside its rows: of its hosts themselves, and what is new since an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import first_of, in_one_line, plain
from fleet_controller.results.since_earlier import GROUPS, NEW
from fleet_controller.runs.host_result import has_result, wrong_with

#: Characters of a reason.
REASON = 240
_Host = Mapping[str, Any]


def not_run(hosts: Mapping[str, _Host]) -> Iterator[str]:
    """Hosts that did not run; those that did not for the same reason are one line."""
    alike: dict[str, list[str]] = {}
    for name, host in hosts.items():
        if not has_result(host):
            sentence = next(wrong_with(name, host))
            alike.setdefault(sentence.replace(name, "\0"), []).append(name)
    for sentence, names in alike.items():
        yield f"{first_of(names)}: {sentence.replace(chr(0), names[0])}"


def remarks(hosts: Mapping[str, _Host]) -> Iterator[str]:
    """What is to be said of hosts themselves."""
    for name, host in hosts.items():
        for sentence in wrong_with(name, host) if has_result(host) else ():
            yield f"{name}: {in_one_line(sentence, REASON)}"
        if host["stopped"]:
            yield f"{name}: stopped early, by {host['stopped']['by']}"


def since_earlier(earlier: Mapping[str, Any] | None) -> Iterator[str]:
    """What is new since an earlier run: new failures by name, the rest in numbers."""
    if earlier is None:
        return
    platform_lines = [f"{len(earlier[word])} {what}" for word, what in GROUPS.items() if earlier[word]]
    yield f"since run {plain(earlier['run_id'])}: {', '.join(platform_lines) or 'nothing new'}"
    for answer in earlier[NEW]:
        reason = in_one_line(plain(answer["reason"]), REASON)
        yield f"   new: {plain(answer['host'])}: {plain(answer['row'])} {plain(answer['scenario'])}: {reason}"
