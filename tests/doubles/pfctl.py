"""pfctl(8) and pf.conf(5): one main ruleset, anchors below ``com.apple/``, references by token, counters, states.

As the manual pages say it, and, for what is printed, as people recorded it on macOS 26.5 and pfctl's own code has it:
``-E`` says ``pf enabled`` and ``Token : N`` on stderr; ``-X`` with a wrong token exits 1 with ``pf: token invalid``, or
``pf not enabled`` where nobody holds a reference; ``-s References`` has one row a token, with the pid of the pfctl that
asked. Loading into an anchor replaces what is in it, whether the filter is on or not.

What the rules do is real: while the filter is on and the main ruleset evaluates the anchor, the same rules stand in
iptables (and ip6tables) of the network that the double runs in, which must be the test's own; the packets that pfctl
prints are theirs. A state that a test has put there lets its connection pass before any rule.
"""

import ipaddress
import os
import pwd
import re
import shlex
import subprocess

from tests.doubles.state import Refused

#: What the stock /etc/pf.conf comes to in ``-s rules``.
STOCK = ['scrub-anchor "com.apple/*" all fragment reassemble', 'anchor "com.apple/*" all']
_ALTQ = "No ALTQ support in kernel\nALTQ related functions disabled\n"
_USAGE = (
    "usage: pfctl [-AdeghmNnOqRrvz] [-a anchor] [-D macro=value] [-F modifier]\n\t[-f file] [-i interface]"
)
_SHOW = [
    "nat",
    "queue",
    "rules",
    "Anchors",
    "Sources",
    "states",
    "info",
    "Interfaces",
    "labels",
    "References",
    "all",
]
_CHAIN = "PF_DOUBLE"


def run(name, argv, mac):
    """``pfctl [options]``."""
    given = _options(argv)
    if os.geteuid() != 0:
        raise Refused(1, "pfctl: /dev/pf: Permission denied")
    anchor = given.get("a", "")
    if "*" in anchor:
        raise Refused(1, f"pfctl: anchors apply to -f, -F, -s, and -T only: {anchor}")
    if "E" in given:
        return _enable(mac)
    if "X" in given:
        return _release(given["X"], mac)
    if "k" in given:
        return _kill(given["k"], mac)
    if "F" in given:
        return _flush(anchor, given["F"], mac)
    if "f" in given:
        return _load(anchor, given["f"], mac)
    if "s" in given:
        return _show(anchor, given["s"], given.get("v", 0), mac)
    raise Refused(1, _USAGE)


def _options(argv):
    """As getopt(3) reads them: letters may stand together, a value may follow at once."""
    given, rest = {}, list(argv)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or len(word) < 2:
            raise Refused(1, _USAGE)
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "aFfskX":
                value = letters or (rest.pop(0) if rest else None)
                if value is None:
                    raise Refused(1, f"pfctl: option requires an argument -- {letter}\n{_USAGE}")
                letters = ""
                given[letter] = [*given.get("k", []), value] if letter == "k" else value
            elif letter == "v":
                given["v"] = given.get("v", 0) + 1
            elif letter in "qE":
                given[letter] = True
            else:
                raise Refused(1, f"pfctl: illegal option -- {letter}\n{_USAGE}")
    return given


def _pf(mac):
    return mac.setdefault(
        "pf", {"tokens": [], "anchors": {}, "states": [], "main": STOCK, "skip": [], "met": {}}
    )


def _enable(mac):
    pf = _pf(mac)
    token = str(15053025338191571182 + 7 * mac.setdefault("tokens_given", 0))
    mac["tokens_given"] += 1
    pf["tokens"].insert(0, {"pid": os.getpid(), "token": token})
    _act(mac)
    raise Refused(0, f"{_ALTQ}pf enabled\nToken : {token}")


def _release(token, mac):
    pf = _pf(mac)
    if not pf["tokens"]:
        raise Refused(1, "pfctl: pf not enabled")
    kept = [item for item in pf["tokens"] if item["token"] != token]
    if len(kept) == len(pf["tokens"]):
        raise Refused(1, "pfctl: pf: token invalid")
    pf["tokens"] = kept
    _act(mac)
    more = f"disable request successful. {len(kept)} more pf enable reference(s) remaining, pf still enabled."
    raise Refused(0, more if kept else "pf disabled")


def _flush(anchor, what, mac):
    if what != "rules":
        raise Refused(1, f"the double flushes rules alone, not {what}")
    if not anchor:
        raise Refused(1, "the main ruleset was flushed: nobody may do that")
    _pf(mac)["anchors"].pop(anchor, None)
    _act(mac)
    raise Refused(0, "rules cleared")


def _load(anchor, source, mac):
    if not anchor:
        raise Refused(1, "the main ruleset was loaded anew: nobody may do that")
    if source != "-":
        raise Refused(1, f"pfctl: {source}: No such file or directory")
    rules, wrong = [], []
    for number, line in enumerate(os.fdopen(0).read().splitlines(), start=1):
        try:
            rules.append(_rule(line))
        except ValueError as problem:
            wrong.append(f"stdin:{number}: {problem}")
    if wrong:
        raise Refused(1, "\n".join([*wrong, "pfctl: Syntax error in config file: pf rules not loaded"]))
    if rules:
        _pf(mac)["anchors"][anchor] = rules
    else:
        _pf(mac)["anchors"].pop(anchor, None)
    _act(mac)
    warning = "pfctl: Use of -f option, could result in flushing of rules\npresent in the main ruleset"
    raise Refused(
        0, f"{warning} added by the system at startup.\nSee /etc/pf.conf for further details.\n\n{_ALTQ}"
    )


def _rule(line):
    """One line of pf.conf(5), as far as a block for a user needs it; ValueError with what yyerror would say."""
    words = shlex.split(line)
    rule = {"on": None, "not": False, "family": None, "proto": None, "to": None, "port": None, "user": None}

    def take(*known):
        return words.pop(0) if words and words[0] in known else None

    if not take("block"):
        raise ValueError("syntax error")
    rule["action"] = take("drop", "return") or "drop"
    rule["direction"] = take("in", "out")
    rule["quick"] = bool(take("quick"))
    if take("on"):
        rule["not"] = bool(take("!"))
        rule["on"] = words.pop(0) if words else None
    rule["family"] = take("inet", "inet6")
    if take("proto"):
        rule["proto"] = take("tcp", "udp", "icmp", "icmp6")
        if rule["proto"] is None:
            raise ValueError(f"unknown protocol {words[0]}" if words else "syntax error")
    if take("from"):
        if not take("any") or not take("to") or not words:
            raise ValueError("syntax error")
        rule["to"] = _address(words.pop(0), rule["family"])
        if take("port"):
            take("=")
            if rule["proto"] not in ("tcp", "udp"):
                raise ValueError("port only applies to tcp/udp")
            rule["port"] = int(words.pop(0)) if words and words[0].isdigit() else None
            if rule["port"] is None or rule["port"] > 65535:
                raise ValueError("syntax error")
    if take("user"):
        take("=")
        rule["user"] = _user(words.pop(0) if words else "")
        if rule["proto"] not in ("tcp", "udp"):
            rule["user"] = (
                None  # "for other protocols, these parameters are ignored": the rule is about everybody
            )
    if words:
        raise ValueError("syntax error")
    return rule


def _address(word, family):
    if word == "any":
        return None
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        raise ValueError(f"no IP address found for {word}") from None
    if family != {4: "inet", 6: "inet6"}[address.version]:
        raise ValueError("rule expands to no valid combination" if family else "syntax error")
    return str(address)


def _user(word):
    if word.isdigit():
        return int(word)
    try:
        return pwd.getpwnam(word).pw_uid
    except KeyError:
        raise ValueError(f"unknown user {word}") from None


def _printed(rule):
    """As ``-s rules`` prints a rule."""
    words = ["block", rule["action"], rule["direction"], "quick" if rule["quick"] else None]
    if rule["on"]:
        words += ["on", "!" if rule["not"] else None, rule["on"]]
    words += [
        rule["family"],
        f"proto {rule['proto']}" if rule["proto"] else None,
        f"from any to {rule['to'] or 'any'}",
    ]
    words += [f"port = {rule['port']}" if rule["port"] is not None else None]
    words += [f"user = {rule['user']}" if rule["user"] is not None else None]
    return " ".join(word for word in words if word)


def _show(anchor, asked, verbose, mac):
    what = next((text for text in _SHOW if text.startswith(asked)), None)
    pf = _pf(mac)
    if what == "References":
        rows = [
            f"{token['pid']:<8} {'pfctl':<28} {token['token']:<24} 0 days 00:00:01\n"
            for token in pf["tokens"]
        ]
        head = f"TOKENS:\n{'PID':<8} {'Process Name':<28} {'TOKEN':<24} TIMESTAMP\n"
        return head + "".join(rows) if rows else "No pf starter references held\n"
    if what == "Interfaces":
        return "".join(
            f"{item}{' (skip)' if verbose and item in pf['skip'] else ''}\n" for item in ("all", "en0", "lo0")
        )
    if what == "states":
        lines = [f"ALL tcp {s}:{p} -> {d}:{q}       ESTABLISHED:ESTABLISHED\n" for s, p, d, q in pf["states"]]
        return "".join(lines)
    if what != "rules":
        raise Refused(1, f"the double does not show {asked}")
    if not anchor:
        return "".join(f"{item}\n" for item in pf["main"])
    if anchor not in pf["anchors"]:
        raise Refused(0, f"{_ALTQ}pfctl: DIOCGETRULES: Invalid argument")
    _count(mac)
    lines = []
    for number, rule in enumerate(pf["anchors"][anchor]):
        lines.append(f"{f'@{number} ' if verbose > 1 else ''}{_printed(rule)}\n")
        if verbose:
            met, size = pf["met"].get(f"{anchor}#{number}", (0, 0))
            lines.append(
                f"  [ Evaluations: {met:<8}  Packets: {met:<8}  Bytes: {size:<10}  States: 0     ]\n"
            )
            lines.append(f"  [ Inserted: uid 0 pid {os.getpid()} ]\n")
    return "".join(lines)


def _kill(hosts, mac):
    pf = _pf(mac)
    kept = [state for state in pf["states"] if [state[0], state[2]] != hosts]
    killed, pf["states"] = len(pf["states"]) - len(kept), kept
    _act(mac)
    raise Refused(0, f"killed {killed} states from 1 sources and {len(hosts) - 1} destinations")


def _acting(pf):
    """What the filter goes by now: (key, rule) of each rule that the main ruleset leads to."""
    if not pf["tokens"] or 'anchor "com.apple/*" all' not in pf["main"]:
        return []
    return [
        (f"{anchor}#{number}", rule)
        for anchor, rules in sorted(pf["anchors"].items())
        if re.fullmatch(r"com\.apple/[^/]+", anchor)
        for number, rule in enumerate(rules)
    ]


def _act(mac):
    """Let the kernel that we have do what the rules say."""
    pf = _pf(mac)
    pf["met"] = {}
    acting = _acting(pf)
    for tool, family in (("iptables", "inet"), ("ip6tables", "inet6")):
        stands = _tables(tool, "-S", _CHAIN).returncode == 0
        if stands and not acting:
            for words in (("-D", "OUTPUT", "-j", _CHAIN), ("-F", _CHAIN), ("-X", _CHAIN)):
                _tables(tool, *words)
        if not acting:
            continue
        if not stands:
            _tables(tool, "-N", _CHAIN)
            _tables(tool, "-I", "OUTPUT", "1", "-j", _CHAIN)
        _tables(tool, "-F", _CHAIN)
        for source, port, target, to in pf["states"]:
            if (":" in source) == (family == "inet6"):
                ports = ("--sport", str(port), "--dport", str(to))
                _tables(tool, "-A", _CHAIN, "-s", source, "-d", target, "-p", "tcp", *ports, "-j", "ACCEPT")
        for key, rule in acting:
            if rule["family"] in (None, family) and rule["direction"] in (None, "out"):
                done = _tables(tool, "-A", _CHAIN, *_as_iptables(rule, key))
                assert done.returncode == 0, done.stderr


def _as_iptables(rule, key):
    words = ["-m", "comment", "--comment", key]
    if rule["on"]:
        words += [*(["!"] if rule["not"] else []), "-o", rule["on"].replace("lo0", "lo")]
    if rule["proto"]:
        words += ["-p", rule["proto"]]
    if rule["to"]:
        words += ["-d", rule["to"]]
    if rule["port"] is not None:
        words += ["--dport", str(rule["port"])]
    if rule["user"] is not None:
        words += ["-m", "owner", "--uid-owner", str(rule["user"])]
    if rule["action"] == "drop":
        return [*words, "-j", "DROP"]
    return [*words, "-j", "REJECT", *(["--reject-with", "tcp-reset"] if rule["proto"] == "tcp" else [])]


def _count(mac):
    pf = _pf(mac)
    for tool in ("iptables", "ip6tables"):
        for line in _tables(tool, "-v", "-S", _CHAIN).stdout.splitlines():
            words = shlex.split(line)
            if "--comment" in words and "-c" in words:
                at = words.index("-c")
                pf["met"][words[words.index("--comment") + 1]] = (int(words[at + 1]), int(words[at + 2]))


def _tables(tool, *words):
    return subprocess.run(
        [f"/usr/sbin/{tool}", "-w", "5", *words], capture_output=True, text=True, check=False
    )


def left(mac):
    """Rules in anchors, references, and a main ruleset that is not as it was."""
    pf = mac.get("pf")
    if pf is None:
        return []
    found = [f"pf: rules in {anchor}" for anchor in pf["anchors"]]
    return found + [f"pf: reference {token['token']}" for token in pf["tokens"]]
