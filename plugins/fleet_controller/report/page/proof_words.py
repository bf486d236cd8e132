"""What shows that a fault took effect, in words: from the ``proof`` in the evidence, of which nothing is believed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import in_one_line, plain

#: By fault: keys of its proof (docs/evidence.md), and what is said of their values. ``{}`` is the value; a phrase
#: without it is said where the value is true.
PHRASES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bad_certificate": (
        ("how", "certificate shown: {}"),
        ("connections", "{} connections of the bot"),
        ("handshakes_refused", "{} TLS handshakes broken off by the bot"),
        ("requests", "{} requests"),
    ),
    "bad_dns": (("how", "name server: {}"), ("queries", "queries of the bot: {}")),
    "bad_exchange": (
        ("answer", "answers of the exchange: {}"),
        ("requests", "{} requests of the bot met it"),
        ("broken_off", "{} requests broken off"),
    ),
    "broken_module": (
        ("module", "module: {}"),
        ("imports", "{} imports of the fake"),
        ("uses", "{} uses of it"),
    ),
    "clock": (
        ("offset", "the bot's clock was {} s from the host's"),
        ("bot.apart", "the time that the bot wrote was {} s from its file's"),
        ("change", "daylight saving changes at {}"),
    ),
    "clock_step": (("stepped_by", "the bot's clock was stepped by {} s"),),
    "corrupt": (
        ("file", "{} was overwritten"),
        ("before.size", "{} bytes before"),
        ("after.size", "{} bytes after"),
    ),
    "cpu_quota": (("limit", "limit: {}"), ("held_back", "the kernel throttled the bot {} times")),
    "database_lock": (
        ("databases", "locked: {}"),
        ("seconds", "for {} s"),
        ("trial_first", "a trial meanwhile: {}"),
        ("told", "the bot reported it {} times"),
    ),
    "dead_output": (
        ("leads_to", "standard output led to: {}"),
        ("unread_bytes", "{} bytes unread in the pipe"),
    ),
    "dead_proxy": (
        ("how", "proxy: {}"),
        ("connections", "{} connections of the bot"),
        ("past_it", "{} requests went past it"),
    ),
    "fd_limit": (("told", "the bot reported it {} times"), ("processes", "limited processes: {}")),
    "fill": (
        ("folder", "folder: {}"),
        ("full", "a write failed with ENOSPC"),
        ("written_bytes", "{} bytes filled it"),
        ("last.free_bytes", "{} bytes free at the end"),
        ("tried", "writes that others tried on it: {}"),
    ),
    "grown_log": (("logs", "{}"),),
    "log_at_limit": (("logs", "{}"), ("rotated_at", "rotated at {} s, by the host's monotonic clock")),
    "memory_limit": (
        ("limit_bytes", "limit: {} bytes"),
        ("most_needed_bytes", "{} bytes needed at most"),
        ("hits", "the limit was hit {} times"),
        ("killed_by_the_kernel", "{} processes killed by the kernel"),
    ),
    "network_block": (
        ("how", "packets: {}"),
        ("packets_of_the_bot", "packets of the bot that met it: {}"),
        ("during", "a connection of ours: {}"),
    ),
    "network_cut": (
        ("link_down_inside", "the bot's link had no carrier"),
        ("packets_of_the_bot", "packets of the bot that met it: {}"),
        ("during", "a connection of ours: {}"),
        ("after_lifting.link_up_inside", "the link was up again afterwards"),
    ),
    "ram_volume": (("written_until_enospc", "a write of ours met ENOSPC after {} bytes"),),
    "read_only": (
        ("trial_first", "a trial write as the bot's user: {}"),
        ("told", "the bot reported it {} times"),
        ("after_lifting.trial", "afterwards: {}"),
    ),
    "reader": (("reads", "{} reads"), ("changes", "{} changes of the file that changed most")),
    "rival": (("pid", "second bot: process {}"), ("wrote", "it wrote: {}")),
    "second_instance": (
        ("pid", "second instance: process {}"),
        ("ended", "it ended with exit code {}"),
        ("wrote", "it wrote: {}"),
    ),
    "slow_disk": (("delayed", "{} operations of the bot waited"), ("delayed_seconds", "{} s in all")),
    "faulty_fs": (("met", "{} operations of the bot hit a rule"), ("passed", "{} operations passed")),
    "throttle": (("throttled", "the kernel throttled the bot: {}"), ("cpu_share", "it got {} processors")),
    "unplugged": (("link", "link: {}"), ("down_at", "down at {} s"), ("up_at", "up at {} s")),
    "vanish": (
        ("files", "{} files were in the folder"),
        ("away", "it was away to the end"),
        ("told", "the bot reported it {} times"),
        ("made_anew", "the bot made a new folder"),
    ),
    "worker_death": (
        ("worker", "process {} was killed"),
        ("in_its_place", "the bot started process {} in its place"),
    ),
}
_SHOWN, _LENGTH = 3, 120


def proof_words(fault: Mapping[str, Any]) -> str:
    """What a fault's entry in the evidence shows: ``the bot's link had no carrier; …``. Empty if nothing is known."""
    value = fault.get("proof")
    proof: Mapping[str, Any] = value if isinstance(value, dict) else {}
    name = fault.get("fault")
    said = list(_said(proof, PHRASES.get(name, ()) if isinstance(name, str) else ()))
    why = proof.get("why")
    if isinstance(why, str):
        said.insert(0, _line(why))
    return "; ".join(said)


def _said(proof: Mapping[str, Any], phrases: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for key, phrase in phrases:
        value: Any = proof
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, bool):
            if value and "{}" not in phrase:
                yield phrase
            continue
        word = _word(value)
        if word and "{}" in phrase:
            yield phrase.replace("{}", word)


def _word(value: Any) -> str:
    """A value in one line; empty for what is not there, or is too deep to be read at a glance."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, (int, float)):
        if abs(value) > 1e15 or not math.isfinite(value):
            return ""
        return f"{value:,}" if isinstance(value, int) else f"{round(value, 3):g}"
    if isinstance(value, list):
        return _first([_inner(item) for item in value[:50]])
    if isinstance(value, dict):
        return _first([_pair(name, item) for name, item in list(value.items())[:50]])
    return ""


def _pair(name: str, value: Any) -> str:
    inner = _word(value) if not isinstance(value, (dict, list)) else ""
    return f"{_line(name)}: {inner}" if inner else _line(name)


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_pair(name, item) for name, item in list(value.items())[:4])
    return _word(value) if not isinstance(value, list) else ""


def _first(words: list[str]) -> str:
    known = [word for word in words if word]
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{', '.join(known[:_SHOWN])}{more}"


def _line(text: str) -> str:
    return in_one_line(plain(text, _LENGTH), _LENGTH)
