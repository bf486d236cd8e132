"""macOS: rules of the packet filter (pfctl(8), pf.conf(5)), in an anchor of our own and for one user.

The stock /etc/pf.conf, which is loaded at boot, evaluates ``anchor "com.apple/*"``: all anchors just below com.apple,
in the order of their names. A ruleset loaded into one acts without a change to that file or to the main ruleset.
Only TCP and UDP packets have a user; a rule for another protocol would apply to everybody (pf.conf(5), user), so there
is none. TCP retransmits what a rule drops until it gives up; a sender of UDP gets an error (xnu, pf_inet_hook:
ENOBUFS). A connection that the state of another ruleset lets pass never hits a rule: such states are ended, if they
belong to that user alone.

The filter is enabled as long as somebody holds a reference to it, by a token (``-E``, ``-X``). A token's row in
``-s References`` names the process that asked, so its pid is recorded before it asks: undoing finds the token by it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.store.atomic import write_atomic
from fleet_stress.system.network.packet_rules import Destination, PacketFilterFailed
from fleet_stress.system.programs import Completed, run, run_announced

_ANCHOR = re.compile(r"com\.apple/fleet-stress-[0-9a-f]{8}")
_EVALUATED = re.compile(r'anchor "com\.apple/\*" all')
_TOKEN = re.compile(r"^Token : (\d+)$", re.MULTILINE)
_REFERENCE = re.compile(r"^(\d+) +pfctl +(\d+) ", re.MULTILINE)
_TO = re.compile(r" to (\S+)(?: port = (\d+))?")
_PACKETS = re.compile(r"^ *\[ Evaluations: \d+ +Packets: (\d+) ")
_HOW = {"drop": "block drop", "reject": "block return"}
#: pfctl's words for an invalid token, with the filter enabled and disabled.
_NO_TOKEN = ("token invalid", "pf not enabled")


def anchor_of(mark: str) -> str:
    """The anchor that belongs to a mark."""
    return f"com.apple/fleet-stress-{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


def unable() -> str | None:
    """Why our rules are unavailable, as a sentence; None: as far as can be seen without making any, they work."""
    if os.geteuid() != 0:
        return "only root may load rules into the packet filter"
    try:
        main = _must("-s", "rules").stdout.splitlines()
        interfaces = _must("-v", "-s", "Interfaces").stdout.splitlines()
    except PacketFilterFailed as problem:
        return str(problem)
    if not any(_EVALUATED.fullmatch(line.strip()) for line in main):
        return 'the main ruleset of pf does not evaluate anchor "com.apple/*", as the stock /etc/pf.conf does'
    if any(line.strip() == "lo0 (skip)" for line in interfaces):
        return "pf is told to skip lo0, where the bot's companions are"
    return None


def rules_of(how: str, user: int, destinations: Iterable[Destination]) -> list[str]:
    """Rules of pf.conf(5) that block these destinations for a user."""
    found = []
    for each in destinations:
        families = (
            ("inet", "inet6") if each.address is None else ("inet6",) if ":" in each.address else ("inet",)
        )
        for family in families:
            for protocol in ("tcp", "udp"):
                where = "on ! lo0 " if each.address is None else ""
                port = "" if each.port is None else f" port = {each.port}"
                match = f"{where}{family} proto {protocol} from any to {each.address or 'any'}{port} user = {user}"
                found.append(f"{_HOW[how]} out quick {match}")
    return found


def switch_on(ticket: Path) -> None:
    """Hold one reference to the filter; ``ticket`` is a file of ours that names it. Raises PacketFilterFailed."""
    if _read(ticket).get("token"):
        return
    before = [token for _, token in _references()]

    def announce(pid: int) -> None:
        write_atomic(ticket, {"pid": pid, "before": before})

    ran = run_announced(["pfctl", "-E"], announce)
    token = _TOKEN.search(ran.stderr)
    if ran.code != 0 or token is None:
        raise PacketFilterFailed(f"pfctl -E: {ran.message}")
    write_atomic(ticket, {"token": token[1]})


def load(anchor: str, rules: Sequence[str]) -> None:
    """Replace the anchor's rules by these; its counters start at zero. Raises PacketFilterFailed."""
    if not _ANCHOR.fullmatch(anchor):
        raise PacketFilterFailed(f"{anchor} is no anchor of ours")
    ran = run(["pfctl", "-a", anchor, "-f", "-"], given="".join(f"{rule}\n" for rule in rules))
    if ran.code != 0:
        raise PacketFilterFailed(f"pfctl -a {anchor} -f -: {ran.message}")


def rules(anchor: str) -> list[str]:
    """The rules in the anchor, as pfctl prints them. Raises PacketFilterFailed."""
    return [line for line in _must("-a", anchor, "-s", "rules").stdout.splitlines() if line.strip()]


def packets(anchor: str) -> dict[str, int]:
    """How many packets hit the rules, by destination. Raises PacketFilterFailed."""
    return counted(_must("-a", anchor, "-v", "-v", "-s", "rules").stdout)


def counted(printed: str) -> dict[str, int]:
    """Packets by destination, from the output of ``pfctl -vvsr``."""
    found: dict[str, int] = {}
    to = "any"
    for line in printed.splitlines():
        rule, seen = _TO.search(line), _PACKETS.match(line)
        if rule is not None:
            address = None if rule[1] == "any" else rule[1]
            to = Destination(address, int(rule[2]) if rule[2] else None).describe()
        elif seen is not None:
            found[to] = found.get(to, 0) + int(seen[1])
    return found


def end_states(user_pids: Iterable[int], destinations: Sequence[Destination]) -> list[str]:
    """End states that let connections of these processes pass; returns what was left alone, as sentences.

    A state is ended by its two addresses alone (pfctl(8), -k): if others have connections between the same two, it is
    left. Raises PacketFilterFailed.
    """
    states = _must("-s", "states").stdout.splitlines()
    if not any(" -> " in line or " <- " in line for line in states):
        return []
    mine, left = set(user_pids), []
    every: list[Any] = [each for each in psutil.net_connections(kind="inet") if each.raddr]
    pairs = {
        (each.laddr.ip, each.raddr.ip)
        for each in every
        if each.pid in mine and _matches(each.raddr, destinations)
    }
    for pair in sorted(pairs):
        if any((each.laddr.ip, each.raddr.ip) == pair and each.pid not in mine for each in every):
            left.append(f"states between {pair[0]} and {pair[1]} are not only the bot's, and were left alone")
        else:
            _must("-k", pair[0], "-k", pair[1])
    return left


def _matches(remote: Any, destinations: Sequence[Destination]) -> bool:
    return any(
        each.address in (None, remote.ip) and each.port in (None, remote.port) for each in destinations
    )


def remove(anchor: str, ticket: str) -> None:
    """Empty the anchor and give the reference back, from any half-way state. Raises PacketFilterFailed."""
    if not _ANCHOR.fullmatch(anchor):
        raise PacketFilterFailed(f"{anchor} is no anchor of ours")
    if rules(anchor):
        _must("-a", anchor, "-F", "rules")
    for token in _ours(_read(Path(ticket))):
        ran = run(["pfctl", "-X", token])
        if ran.code != 0 and not any(words in ran.stderr for words in _NO_TOKEN):
            raise PacketFilterFailed(f"pfctl -X {token}: {ran.message}")
    Path(ticket).unlink(missing_ok=True)


def gone(anchor: str, ticket: str) -> bool:
    """Whether none of its rules and references exist. Raises PacketFilterFailed."""
    return not rules(anchor) and not _ours(_read(Path(ticket)))


def _ours(known: Mapping[str, Any]) -> list[str]:
    """Tokens that the kernel still holds for a ticket."""
    return [
        token
        for pid, token in _references()
        if token == known.get("token") or (pid == known.get("pid") and token not in known["before"])
    ]


def _references() -> list[tuple[int, str]]:
    """The references to the filter: the pid of the pfctl that asked, and the token."""
    return [(int(row[1]), row[2]) for row in _REFERENCE.finditer(_must("-s", "References").stdout)]


def _read(ticket: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        document = json.loads(ticket.read_text(encoding="utf-8"))
        if isinstance(document, dict):
            return document
    return {}


def _must(*words: str) -> Completed:
    ran = run(["pfctl", *words])
    if ran.code != 0:
        raise PacketFilterFailed(f"pfctl {' '.join(words)}: {ran.message}")
    return ran
