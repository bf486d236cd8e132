"""macOS: rules of the packet filter (pfctl(8), pf.conf(5)), in an anchor of our own and for one user.

The stock /etc/pf.conf, which is loaded at boot, evaluates ``anchor "com.apple/*"``: all anchors just below com.apple,
in the order of their names. A ruleset loaded into one acts without a change to that file or to the main ruleset.
Only TCP and UDP packets have a user; a rule for another protocol would be about everybody (pf.conf(5), user), so there
is none. What a rule drops on its way out, TCP sends again until it gives up, and a sender of UDP is told (xnu,
pf_inet_hook: ENOBUFS). A connection whose packets another ruleset's state lets pass never meets a rule: such states
are ended, where they are of that user alone.

The filter is on as long as somebody holds a reference to it, by a token (``-E``, ``-X``). A token's row in
``-s References`` names the process that asked, so its pid is written down before it asks: whoever undoes finds the
token by it.
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
#: pfctl's words for a token that is nobody's any more, with the filter on and off.
_NO_TOKEN = ("token invalid", "pf not enabled")


def anchor_of(mark: str) -> str:
    """The anchor that belongs to a mark."""
    return f"com.apple/fleet-stress-{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


def unable() -> str | None:
    """Why there can be no rules of ours, as a sentence; None: what can be told without making any speaks for them."""
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


def rules_of(how: str, user: int, wanted: Iterable[Destination]) -> list[str]:
    """Rules that keep a user from sending there, in the words of pf.conf(5)."""
    found = []
    for one in wanted:
        families = (
            ("inet", "inet6") if one.address is None else ("inet6",) if ":" in one.address else ("inet",)
        )
        for family in families:
            for protocol in ("tcp", "udp"):
                where = "on ! lo0 " if one.address is None else ""
                port = "" if one.port is None else f" port = {one.port}"
                match = (
                    f"{where}{family} proto {protocol} from any to {one.address or 'any'}{port} user = {user}"
                )
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
    """Let just these rules be in the anchor; what was counted in it begins anew. Raises PacketFilterFailed."""
    if not _ANCHOR.fullmatch(anchor):
        raise PacketFilterFailed(f"{anchor} is no anchor of ours")
    ran = run(["pfctl", "-a", anchor, "-f", "-"], given="".join(f"{one}\n" for one in rules))
    if ran.code != 0:
        raise PacketFilterFailed(f"pfctl -a {anchor} -f -: {ran.message}")


def rules(anchor: str) -> list[str]:
    """What stands in the anchor, as pfctl prints it. Raises PacketFilterFailed."""
    return [one for one in _must("-a", anchor, "-s", "rules").stdout.splitlines() if one.strip()]


def packets(anchor: str) -> dict[str, int]:
    """How many packets met the rules, by where they went to. Raises PacketFilterFailed."""
    return counted(_must("-a", anchor, "-v", "-v", "-s", "rules").stdout)


def counted(printed: str) -> dict[str, int]:
    """What ``pfctl -vvsr`` printed: packets by address, and port where the rule has one."""
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


def end_states(user_pids: Iterable[int], wanted: Sequence[Destination]) -> list[str]:
    """End states that let connections of these processes pass; what had to be left alone, as sentences.

    A state is ended by its two addresses alone (pfctl(8), -k): where others have connections between the same two, it
    is left. Raises PacketFilterFailed.
    """
    stand = _must("-s", "states").stdout.splitlines()
    if not any(" -> " in line or " <- " in line for line in stand):
        return []
    mine, left = set(user_pids), []
    every: list[Any] = [one for one in psutil.net_connections(kind="inet") if one.raddr]
    pairs = {(one.laddr.ip, one.raddr.ip) for one in every if one.pid in mine and _met(one.raddr, wanted)}
    for pair in sorted(pairs):
        if any((one.laddr.ip, one.raddr.ip) == pair and one.pid not in mine for one in every):
            left.append(f"states between {pair[0]} and {pair[1]} are not only the bot's, and were left alone")
        else:
            _must("-k", pair[0], "-k", pair[1])
    return left


def _met(remote: Any, wanted: Sequence[Destination]) -> bool:
    return any(one.address in (None, remote.ip) and one.port in (None, remote.port) for one in wanted)


def remove(anchor: str, ticket: str) -> None:
    """Empty the anchor and give the reference back, from whatever half-way state. Raises PacketFilterFailed."""
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
    """Whether no rule and no reference of it is there. Raises PacketFilterFailed."""
    return not rules(anchor) and not _ours(_read(Path(ticket)))


def _ours(known: Mapping[str, Any]) -> list[str]:
    """Tokens that the kernel still holds for a ticket."""
    return [
        token
        for pid, token in _references()
        if token == known.get("token") or (pid == known.get("pid") and token not in known["before"])
    ]


def _references() -> list[tuple[int, str]]:
    """Who holds the filter on: the pid of the pfctl that asked, and its token."""
    return [(int(one[1]), one[2]) for one in _REFERENCE.finditer(_must("-s", "References").stdout)]


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
