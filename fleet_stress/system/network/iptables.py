"""Rules that keep somebody from some addresses: a chain of our own per address family, and one jump to it.

Linux's alone: iptables(8). Both of a host's address families, and every rule carries whose it is as a comment.
Nothing is ever flushed but our own chain. ``-w``: another program may hold the lock of the tables (iptables(8)).
"""

from __future__ import annotations

import hashlib
import re
import shlex
import socket
from collections.abc import Iterable, Sequence

from fleet_stress.system.network.packet_rules import PacketFilterFailed
from fleet_stress.system.programs import NOT_STARTED, Completed, run

TOOLS = {"4": "iptables", "6": "ip6tables"}
#: Seconds to wait for the tables' lock.
LOCK_WAIT = 5
#: In this order: the first that fits decides. A reset ends a TCP connection at once, also one that stands.
TARGETS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "drop": (((), ("-j", "DROP")),),
    "reject": ((("-p", "tcp"), ("-j", "REJECT", "--reject-with", "tcp-reset")), ((), ("-j", "REJECT"))),
}
_CHAIN = re.compile(r"FS_[0-9a-f]{8}")
#: More jumps to one chain than this are not our doing.
_MOST_JUMPS = 100
_MOST_COMMENT = 200


def chain_of(mark: str) -> str:
    """The name of the chain that belongs to a mark."""
    return f"FS_{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


def addresses(name: str) -> list[str]:
    """All addresses that a name has now, of both families; none where it cannot be resolved."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def family_of(address: str) -> str:
    """``4`` or ``6``."""
    return "6" if ":" in address else "4"


def present(family: str, chain: str) -> bool:
    """Whether the chain is there. Raises PacketFilterFailed when that cannot be told."""
    seen = _tool(family, "-S", chain)
    if seen.code == 0:
        return True
    if seen.code == 1 and _absent(seen):
        return False
    raise PacketFilterFailed(f"{TOOLS[family]} -S {chain}: {seen.message}")


def gone(family: str, chain: str) -> bool:
    """Whether nothing of the chain is left. Raises PacketFilterFailed when that cannot be told."""
    return not present(family, chain)


def build(family: str, chain: str) -> None:
    """Make the chain, empty, and let what goes out pass through it first. Raises PacketFilterFailed."""
    if not present(family, chain):
        _must(family, "-N", chain)
    if not led_to(family, chain):
        _must(family, "-I", "OUTPUT", "1", "-j", chain)


def led_to(family: str, chain: str) -> bool:
    """Whether what goes out passes through the chain."""
    return _tool(family, "-C", "OUTPUT", "-j", chain).code == 0


def block(chain: str, address: str, how: str, mark: str, only: Sequence[str] = ()) -> None:
    """Keep whoever matches ``only`` (arguments of iptables; all by default) from an address.

    Raises PacketFilterFailed. The chain must stand (``build``).
    """
    for rule in _rules(address, how, mark, only):
        _must(family_of(address), "-A", chain, *rule)


def blocked(chain: str, address: str, how: str, mark: str, only: Sequence[str] = ()) -> bool:
    """Whether just that stands already."""
    family = family_of(address)
    return all(_tool(family, "-C", chain, *rule).code == 0 for rule in _rules(address, how, mark, only))


def remove(family: str, chain: str) -> None:
    """Take the chain away with all that leads to it, from whatever half-way state. Raises PacketFilterFailed."""
    if not _CHAIN.fullmatch(chain):
        raise PacketFilterFailed(f"{chain} is no chain of ours")
    for _ in range(_MOST_JUMPS):
        if not present(family, chain):
            return
        if _tool(family, "-D", "OUTPUT", "-j", chain).code != 0:
            _must(family, "-F", chain)
            _must(family, "-X", chain)
    raise PacketFilterFailed(f"{TOOLS[family]}: {chain} does not go away")


def packets(family: str, chain: str) -> dict[str, int]:
    """How many packets met our rules, by address. Raises PacketFilterFailed."""
    return counted(_must(family, "-v", "-S", chain).stdout)


def rules(family: str, chain: str) -> list[str]:
    """The chain's rules as the tool prints them, for a person. Raises PacketFilterFailed."""
    return [one for one in _must(family, "-S", chain).stdout.splitlines() if one.startswith("-A")]


def counted(printed: str) -> dict[str, int]:
    """What ``iptables -v -S CHAIN`` printed: packets by destination address."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        words = shlex.split(line)
        if words[:1] == ["-A"] and "-d" in words and "-c" in words:
            address = words[words.index("-d") + 1].partition("/")[0]
            found[address] = found.get(address, 0) + int(words[words.index("-c") + 1])
    return found


def unable(families: Iterable[str], how: str, only: Sequence[str] = ()) -> str | None:
    """Why such rules cannot be had, tried in the caller's network, which must be nobody's; None: they can."""
    for family in families:
        try:
            build(family, "FS_00000000")
            block("FS_00000000", "192.0.2.99" if family == "4" else "2001:db8::99", how, "try", only)
            packets(family, "FS_00000000")
        except PacketFilterFailed as problem:
            return str(problem)
    return None


def _rules(address: str, how: str, mark: str, only: Sequence[str]) -> list[list[str]]:
    comment = ("-m", "comment", "--comment", mark[:_MOST_COMMENT])
    return [["-d", address, *match, *only, *comment, *target] for match, target in TARGETS[how]]


def _absent(seen: Completed) -> bool:
    """The exit code, 1, does not say it alone; the words are those of both makes, nf_tables and legacy."""
    return any(words in seen.stderr for words in ("No chain/target/match", "does not exist", "incompatible"))


def _must(family: str, *words: str) -> Completed:
    ran = _tool(family, *words)
    if ran.code != 0:
        raise PacketFilterFailed(f"{TOOLS[family]} {' '.join(words)}: {ran.message}")
    return ran


def _tool(family: str, *words: str) -> Completed:
    ran = run([TOOLS[family], "-w", str(LOCK_WAIT), *words])
    if ran.code == NOT_STARTED:
        raise PacketFilterFailed(f"{TOOLS[family]} is not installed")
    return ran
