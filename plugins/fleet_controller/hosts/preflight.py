"""What speaks against using a host: judges what the probe for Python and ``stress_facts`` have seen.

Judgement over data that is already there: it costs no way to the host. ``stress_look`` calls it.
A problem is a mapping with ``what`` is wrong, ``where``, ``why`` that matters and what to ``do``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: A bot's environment with its libraries has some ten thousand files.
INODE_FLOOR = 20_000
#: Folders that cannot be ours themselves; and trees in which nothing can.
SYSTEM_FOLDERS = (
    *("/", "/home", "/media", "/mnt", "/opt", "/opt/homebrew", "/root", "/run", "/srv", "/tmp", "/usr"),
    *("/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/var", "/usr/share"),
    *("/var", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp"),
    *("/Applications", "/Library", "/Users", "/Volumes"),
    *("/private", "/private/tmp", "/private/var", "/private/var/lib", "/private/var/log"),
)
SYSTEM_TREES = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys"),
    *("/usr/bin", "/usr/lib", "/usr/sbin", "/System", "/private/etc"),
)
#: Trees of macOS in which nothing can be ours: what System Integrity Protection keeps even root from (all of /usr but
#: /usr/local), and what the system alone puts things into.
MACS_TREES = ("/usr", "/cores", "/Network", "/private/var/db", "/private/var/vm")
_MACS_OWN = "/usr/local"
_PREFIX = "fleet-stress: "
_NO_PASSWORD = re.compile(
    r"(Missing|Incorrect) \w+ password|password is required|[Ww]aiting for (become success|privilege escalation)"
)

Problem = Mapping[str, str]


def problem(what: str, where: str, why: str, do: str) -> Problem:
    """One thing that speaks against using the host."""
    return {"what": what, "where": where, "why": why, "do": do}


def stress_probe(output: str, become: bool, wanted: str = "", method: str = "sudo") -> dict[str, Any]:
    """Read the output of ``find_python.sh``: ``uid``, ``user``, ``python`` (path or empty) and ``problems``.

    Args:
        output: What the probe printed; lines of others (a login banner) are passed over.
        become: Whether we may become root, so that bots run as a user of their own.
        wanted: The value of ``stress_python``.
        method: How root is become.
    """
    lines = [line.strip()[len(_PREFIX) :] for line in output.splitlines() if line.startswith(_PREFIX)]
    pairs = [line.partition(" ")[::2] for line in lines]
    words = dict(pairs)
    root_possible = become or words.get("uid") == "0"
    pythons = [rest.split(" ", 2) for word, rest in pairs if word == "python"]
    # One that its owner alone can start will do where bots run as that owner.
    usable = [python for python in pythons if python[1] == "-" or not root_possible]
    problems = []
    if not usable:
        passed = [rest for word, rest in pairs if word == "passed"]
        closed = [f"{path}: only its owner can start it, {folder} is closed" for _, folder, path in pythons]
        looked = "; ".join([*passed, *closed]) or "no python3 on the PATH nor in the usual places"
        problems.append(
            problem(
                "stress_python cannot be used" if wanted else "no working Python 3.9 or newer was found",
                wanted or looked,
                looked if wanted else "modules, engine and bots run with it, bots as a user of their own",
                "correct it, or leave it out: then one is searched for"
                if wanted
                else "install one (apt install python3, dnf install python3, brew install python), or name one:"
                " -e stress_python=/path/to/python3",
            )
        )
    if become and words.get("uid") != "0" and method == "sudo" and words.get("sudo") != "yes":
        problems.append(
            problem(
                "root is needed, and there is no sudo",
                f"login {words.get('user', '?')}",
                "the bots' user and its folder are made by root",
                "log in as root or install sudo; or do without: -e stress_become=false -e stress_user="
                f"{words.get('user', '$(id -un)')} -e stress_dir='~/fleet-stress'",
            )
        )
    return {
        "uid": int(words.get("uid", -1)),
        "user": words.get("user", ""),
        "python": usable[0][2] if usable else "",
        "problems": problems,
    }


def stress_problems(
    facts: Mapping[str, Any],
    asked_dir: str,
    bot_source: str = "",
    may_create_user: bool = True,
    disk_floor_mb: int = 500,
    memory_floor_mb: int = 0,
) -> list[Problem]:
    """All problems of a host, from what ``stress_facts`` returned.

    Args:
        facts: What the module returned.
        asked_dir: ``stress_dir`` as it was asked for.
        bot_source: ``bot_source`` as it was asked for.
        may_create_user: Whether a missing user may be made.
        disk_floor_mb: So much disk (MiB) must be free.
        memory_floor_mb: So much memory (MiB) must be available.
    """
    problems = [*_halted(facts), *_user_problems(facts, may_create=may_create_user)]
    if facts["stress_dir"]:
        problems += [*_folder_problems(facts), *_disk_problems(facts, disk_floor_mb), *_others(facts)]
    else:
        problems.append(
            problem(
                "a relative stress_dir is for local hosts only",
                f"stress_dir {asked_dir}",
                "on another host there is no project folder that it could count from",
                "give an absolute path, or one that begins with ~",
            )
        )
    problems += _memory_problems(facts, memory_floor_mb)
    if not facts["bot_folder_exists"]:
        problems.append(
            problem(
                "the bot's source is not a folder on this host",
                f"bot_source {bot_source}",
                "the bot's code is copied from there",
                "correct bot_source, or bring the bot there first",
            )
        )
    return problems


def _halted(facts: Mapping[str, Any]) -> Iterable[Problem]:
    halted = facts.get("halted")
    if halted:
        yield problem(
            f"this host is halted: {halted['reason']}",
            f"by {halted['by']}, since {halted['since']}",
            "nothing may begin on it until somebody releases it",
            "ask there first; then: ansible-playbook playbooks/halt.yml -e release=true",
        )


def _user_problems(facts: Mapping[str, Any], *, may_create: bool) -> Iterable[Problem]:
    user, login = facts["user"], facts["login"]
    where = f"stress_user {user}"
    if not facts["root"] and user != login:
        yield problem(
            f"bots cannot run as {user}: everything here runs as {login}, which is not root",
            where,
            "only root can make a user and change to it",
            "allow root (stress_become=true and a login with sudo), or run bots as the login itself:"
            f" -e stress_become=false -e stress_user={login} -e stress_dir='~/fleet-stress'",
        )
    elif facts["user_root"]:
        yield problem(
            "bots would run as root",
            where,
            "a bot under stress must not be able to harm the host",
            "name an unprivileged user: -e stress_user=fleet-stress",
        )
    elif not facts["user_exists"] and not may_create:
        yield problem(
            "that user does not exist",
            where,
            "with stress_become=false no user is made",
            "name a user that exists, or leave stress_become alone",
        )


def _folder_problems(facts: Mapping[str, Any]) -> Iterable[Problem]:
    folder, base = facts["stress_dir"], facts["base"]
    where = f"stress_dir {folder}"
    tree = _of_the_system(folder, facts.get("system", ""))
    if tree or base["homes"]:
        homes = ", ".join(base["homes"])
        yield problem(
            "that folder cannot be ours: "
            + (f"it is or holds a home ({homes})" if homes else f"{tree} belongs to the system"),
            where,
            "everything below stress_dir may be deleted by us",
            "name a folder of its own, such as /var/lib/fleet-stress",
        )
        return
    if not base["is_folder"]:
        yield problem(
            f"{base['path']} is not a folder",
            where,
            "nothing can be made there",
            "name a folder that is empty or does not exist",
        )
        return
    yield from stress_open(facts)
    if facts["state"] == "foreign":
        yield problem(
            "that folder is not ours: it has content, and no valid marker .fleet-stress",
            where,
            "everything below stress_dir may be deleted by us",
            "name a folder that is empty or does not exist",
        )
    if base["closed_at"]:
        yield problem(
            f"user {facts['user']} cannot get there: {base['closed_at']} is closed to it",
            where,
            "bots run as that user, from copies below stress_dir",
            f"choose another stress_dir, or open the way: chmod o+x {base['closed_at']}",
        )
    for word in base["mounted"]:
        yield problem(
            f"its file system is mounted {word}",
            where,
            "environments are written there, and run from there",
            "choose a stress_dir on another file system",
        )
    yield from stress_closed(facts)


def stress_open(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """Folders on the way to ``stress_dir`` that others may change: they could put there what root runs."""
    for item in facts["base"].get("open") or ():
        yield problem(
            f"{item['path']} is not closed: {item['why']}",
            f"stress_dir {facts['stress_dir']}",
            "whoever may change a folder on that path can put there what root, or the login, then runs",
            "name a folder that root or the login owns, and everything above it too, such as /var/lib/fleet-stress;"
            f" or make and close it: mkdir -p {item['path']}; chown root {item['path']}; chmod go-w {item['path']}",
        )


def stress_password(error: str, login: str) -> Problem | None:
    """Where root could not be become for want of a password, that; None: it was something else.

    ``error``: as Ansible says it; sudo's own words may be in it.
    """
    if not _NO_PASSWORD.search(error):
        return None
    return problem(
        "becoming root takes a password, and there is none or a wrong one",
        f"login {login or '?'}",
        "the bots' user and its folder are made by root",
        "give Ansible the password: add -K (make stress ARGS='-K'); or do without root: -e stress_become=false"
        " -e stress_dir='~/fleet-stress'",
    )


def stress_closed(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """That the login may not write where ``stress_dir`` is, or is to be: without root, and root made it before."""
    base, ours = facts["base"], facts["state"] == "ours"
    if not base["writable"] and not base["mounted"]:
        yield problem(
            f"{facts['login']} may not write to {base['path']}",
            f"stress_dir {facts['stress_dir']}",
            "it was provisioned by root before, and is root's" if ours else "the folder is to be made there",
            "choose a stress_dir of your own (-e stress_dir='~/fleet-stress'), or allow root (stress_become=true)",
        )


def _of_the_system(folder: str, system: str) -> str:
    """The tree of the system that a folder lies in, or ``it`` for a folder of the system's itself; empty: neither."""
    trees: Sequence[str] = SYSTEM_TREES
    folders: Sequence[str] = SYSTEM_FOLDERS
    if (
        system == "Darwin"
    ):  # whose file systems take /SYSTEM for /System, unless somebody has made one that does not
        inside = f"{folder}/".casefold().startswith(f"{_MACS_OWN}/")
        trees = [*SYSTEM_TREES, *(tree for tree in MACS_TREES if not (inside and tree == "/usr"))]
        folded = folder.casefold()
        found = [text for text in folders if text.casefold() == folded]
        return next(
            (tree for tree in trees if f"{folded}/".startswith(f"{tree.casefold()}/")), "it" if found else ""
        )
    return next(
        (tree for tree in trees if f"{folder}/".startswith(f"{tree}/")), "it" if folder in folders else ""
    )


def _disk_problems(facts: Mapping[str, Any], floor_mb: int) -> Iterable[Problem]:
    where = f"stress_dir {facts['stress_dir']}"
    if facts["disk_free_mb"] < floor_mb:
        yield problem(
            f"not enough disk: {facts['disk_free_mb']} MiB free, {floor_mb} needed (stress_disk_floor_mb)",
            where,
            "a disk that runs full stops the run, and more than the run",
            "make room there, or choose a stress_dir on another disk",
        )
    if facts["inodes_free"] is not None and facts["inodes_free"] < INODE_FLOOR:
        yield problem(
            f"not enough inodes: {facts['inodes_free']} are free, {INODE_FLOOR} are needed",
            where,
            "environments are thousands of small files",
            "make room there, or choose a stress_dir on another disk",
        )


def _memory_problems(facts: Mapping[str, Any], floor_mb: int) -> Iterable[Problem]:
    available = facts.get("memory_available_mb")
    if available is not None and available < floor_mb:
        yield problem(
            f"not enough memory: {available} MiB available, {floor_mb} needed (stress_memory_floor_mb)",
            f"{facts.get('memory_mb', '?')} MiB in all",
            "a host without memory kills processes, and not only ours",
            "end what needs it, or leave this host out",
        )


def _others(facts: Mapping[str, Any]) -> Iterable[Problem]:
    folder = facts["stress_dir"]
    for other in facts["others"]:
        path, lies = other["path"], other["lies"]
        how = "equal to" if lies == "equal" else lies
        yield problem(
            f"a living process uses {path} ({other['variable']}), which is {how} stress_dir {folder}"
            if other["variable"]
            else f"a living process that is not ours writes below stress_dir: {path}",
            f"process {other['pid']} ({other['name']})",
            "a stress run never shares a folder with something that lives",
            "choose another stress_dir (-e stress_dir=/…), or end that process first",
        )


def stress_sentences(problems: Sequence[Problem], host: str) -> str:
    """Problems as one message for a person."""
    many = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    lines = [f"{host} cannot be used, and was left as it was ({many}):"]
    for number, item in enumerate(problems, 1):
        lines += [
            f"{number}. {item['what']}",
            f"   where: {item['where']}",
            f"   why:   {item['why']}",
            f"   do:    {item['do']}",
        ]
    return "\n".join(lines)
