"""Rules of iptables(8) that block addresses: a chain of our own per address family, and one jump to it.

Linux only. The jump and every rule carry an id as a comment, by which ``our_rules`` finds and removes them. ``-w``:
another program may hold the lock of the tables (iptables(8)).
"""

from __future__ import annotations

import hashlib
import shlex
import socket
from collections.abc import Iterable, Sequence

from fleet_stress.system.network import nf_tables
from fleet_stress.system.network.packet_rules import PacketFilterFailed
from fleet_stress.system.programs import NOT_STARTED, Completed, run

TOOLS = {"4": "iptables", "6": "ip6tables"}
#: Seconds to wait for the tables' lock.
LOCK_WAIT = 5
#: In this order: the first match decides. A reset ends a TCP connection at once, also an established one.
TARGETS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "drop": (((), ("-j", "DROP")),),
    "reject": ((("-p", "tcp"), ("-j", "REJECT", "--reject-with", "tcp-reset")), ((), ("-j", "REJECT"))),
}
#: What of a mark follows the id in a comment, which holds 255 bytes (iptables-extensions(8)).
_MOST_OF_MARK = 50


def chain_of(mark: str) -> str:
    """The name of the chain that belongs to a mark."""
    return f"FS_{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


def id_of(mark: str) -> str:
    """What the comment of every rule of a mark begins with."""
    return f"fleet-stress:{hashlib.sha256(mark.encode()).hexdigest()[:16]} "


def backend(family: str) -> str:
    """Where the tool puts its rules: ``nf_tables`` or ``legacy``. Raises PacketFilterFailed."""
    return "nf_tables" if "nf_tables" in _must(family, "-V").stdout else "legacy"


def addresses(name: str) -> list[str]:
    """All addresses of a name, of both families; empty: it cannot be resolved."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def family_of(address: str) -> str:
    """``4`` or ``6``."""
    return "6" if ":" in address else "4"


def present(family: str, chain: str) -> bool:
    """Whether the chain exists. Raises PacketFilterFailed if that is unknown."""
    seen = tool(family, "-S", chain)
    if seen.code == 0:
        return True
    if (
        seen.code == 1 and "incompatible" in seen.stderr
    ):  # said of a chain that is missing, and of one that nft changed
        return nf_tables.has_chain(family, chain)
    if seen.code == 1 and _absent(seen):
        return False
    raise PacketFilterFailed(f"{TOOLS[family]} -S {chain}: {seen.message}")


def build(family: str, chain: str, mark: str) -> None:
    """Make the chain, empty, and let outgoing packets pass through it first. Raises PacketFilterFailed."""
    if not present(family, chain):
        _must(family, "-N", chain)
    if not led_to(family, chain, mark):
        _must(family, "-I", "OUTPUT", "1", *_comment(mark), "-j", chain)


def led_to(family: str, chain: str, mark: str) -> bool:
    """Whether outgoing packets pass through the chain."""
    return tool(family, "-C", "OUTPUT", *_comment(mark), "-j", chain).code == 0


def block(chain: str, address: str, how: str, mark: str, only: Sequence[str] = ()) -> None:
    """Block an address for packets that match ``only`` (arguments of iptables; all by default).

    Raises PacketFilterFailed. The chain must exist (``build``).
    """
    for rule in _rules(address, how, mark, only):
        _must(family_of(address), "-A", chain, *rule)


def blocked(chain: str, address: str, how: str, mark: str, only: Sequence[str] = ()) -> bool:
    """Whether exactly these rules exist."""
    family = family_of(address)
    return all(tool(family, "-C", chain, *rule).code == 0 for rule in _rules(address, how, mark, only))


def packets(family: str, chain: str) -> dict[str, int]:
    """How many packets hit our rules, by address. Raises PacketFilterFailed."""
    return counted(_must(family, "-v", "-S", chain).stdout)


def rules(family: str, chain: str) -> list[str]:
    """The chain's rules as the tool prints them, for a person. Raises PacketFilterFailed."""
    return [line for line in _must(family, "-S", chain).stdout.splitlines() if line.startswith("-A")]


def counted(printed: str) -> dict[str, int]:
    """Packets by destination address, from the output of ``iptables -v -S CHAIN``."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        words = shlex.split(line)
        if words[:1] == ["-A"] and "-d" in words and "-c" in words:
            address = words[words.index("-d") + 1].partition("/")[0]
            found[address] = found.get(address, 0) + int(words[words.index("-c") + 1])
    return found


def unable(families: Iterable[str], how: str, only: Sequence[str] = ()) -> str | None:
    """Why such rules are unavailable; None: they work. Tried in the caller's network, which must be unused."""
    for family in families:
        try:
            build(family, "FS_00000000", "try")
            block("FS_00000000", "192.0.2.99" if family == "4" else "2001:db8::99", how, "try", only)
            packets(family, "FS_00000000")
        except PacketFilterFailed as problem:
            return str(problem)
    return None


def _rules(address: str, how: str, mark: str, only: Sequence[str]) -> list[list[str]]:
    return [["-d", address, *match, *only, *_comment(mark), *target] for match, target in TARGETS[how]]


def _comment(mark: str) -> tuple[str, ...]:
    return ("-m", "comment", "--comment", id_of(mark) + mark[:_MOST_OF_MARK])


def _absent(seen: Completed) -> bool:
    """Exit code 1 has other causes, too; the words are those of nf_tables and legacy iptables."""
    return any(words in seen.stderr for words in ("No chain/target/match", "does not exist"))


def _must(family: str, *words: str) -> Completed:
    ran = tool(family, *words)
    if ran.code != 0:
        raise PacketFilterFailed(f"{TOOLS[family]} {' '.join(words)}: {ran.message}")
    return ran


def tool(family: str, *words: str) -> Completed:
    """Run the tool of a family to its end. Raises PacketFilterFailed if it is missing."""
    ran = run([TOOLS[family], "-w", str(LOCK_WAIT), *words])
    if ran.code == NOT_STARTED:
        raise PacketFilterFailed(f"{TOOLS[family]} is not installed")
    return ran
