"""Living processes of others that use a folder in, above or equal to ours, by a variable or by writing there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.fleet_stress.store.bare_python.marks import ARENA_VARIABLE, MARK_VARIABLE

from .folder import link_target
from .path_relation import relation

_OURS = (MARK_VARIABLE, ARENA_VARIABLE)


class Process(NamedTuple):
    """What matters of one living process. ``folders`` are the values of the folder variables, absolute."""

    pid: int
    name: str
    folders: dict[str, str]
    writes: list[str]


def in_the_way(processes: Iterable[Process], stress_dir: str) -> list[dict[str, Any]]:
    """The processes that live in, above or below the folder that is to be ours; one entry each."""
    blocking = []
    for process in processes:
        uses = [
            {"variable": name, "path": folder, "lies": relation(folder, stress_dir)}
            for name, folder in process.folders.items()
        ]
        uses += [{"variable": "", "path": path, "lies": "below"} for path in process.writes]
        use = next((use for use in uses if use["lies"]), None)
        if use:
            blocking.append({"pid": process.pid, "name": process.name, **use})
    return blocking


def linux_processes(names: Sequence[str], stress_dir: str, own_uid: int | None) -> tuple[list[Process], int]:
    """Living processes that are not ours, and how many could not be looked into."""
    mine, found, unseen = ancestors(), [], 0
    inside, engine = f"{stress_dir}/", f"{stress_dir}/engine/"
    own_namespace = link_target("/proc/self/ns/mnt")
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) in mine:
            continue
        folder = entry.path
        try:
            block = Path(f"{folder}/environ").read_bytes()
            argv = Path(f"{folder}/cmdline").read_bytes().decode(errors="replace").split("\0")
            owner = Path(folder).stat().st_uid
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            unseen += 1
            continue
        ours = argv[0].startswith(engine) or owner == own_uid
        if ours or parse_environment(block, _OURS):
            continue
        apart = link_target(f"{folder}/ns/mnt") != own_namespace
        folders = {
            name: as_we_see(value, link_target(f"{folder}/cwd") or "/", f"{folder}/root" if apart else "")
            for name, value in parse_environment(block, names).items()
            if value
        }
        writes = [path for path in _written(folder) if path.startswith(inside)]
        if apart:  # a container's folder of the same name is another one, unless it was lent to it
            root = f"{folder}/root"
            writes = [path for path in writes if relation(f"{root}{os.path.dirname(path)}", stress_dir)]  # noqa: PTH120
        if folders or writes:
            found.append(Process(int(entry.name), short_name(argv), folders, writes))
    return found, unseen


def parse_environment(block: bytes, names: Sequence[str]) -> dict[str, str]:
    """The named variables of an environment block as /proc/<pid>/environ holds it."""
    found = {}
    for pair in block.split(b"\0"):
        name, equals, value = pair.partition(b"=")
        if equals and name.decode(errors="replace") in names:
            found[name.decode()] = os.fsdecode(value)
    return found


def short_name(argv: Sequence[str]) -> str:
    """How a process is named in a message: program and first plain word; arguments may hold secrets."""
    words = [word for word in argv if word]
    if not words:
        return "?"
    plain = next((word for word in words[1:] if not word.startswith("-")), "")
    return f"{Path(words[0]).name} {Path(plain).name}".strip()[:60]


def ancestors() -> set[int]:
    """Pids of ourselves and everything above us: whoever called cannot be in our way."""
    pids = {os.getpid()}
    parent = os.getppid()
    while parent > 1 and parent not in pids:
        pids.add(parent)
        try:
            text = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            break
        parent = int(text.rpartition(")")[2].split()[1])
    return pids


def as_we_see(value: str, cwd: str, root: str) -> str:
    """A folder by its absolute path as seen from here.

    ``value`` is what the process has in its variable, ``cwd`` its own folder, ``root`` the way to its file system (as
    /proc/<pid>/root) if it lives in another mount namespace than we, else empty.
    """
    path = os.path.join(cwd, value)  # noqa: PTH118 - an absolute value has no need of cwd
    return root + os.path.normpath(path) if root else os.path.realpath(path)


def _written(process: str) -> Iterable[str]:
    """Paths of regular files that a process has open for writing."""
    try:
        descriptors = [entry.name for entry in Path(f"{process}/fd").iterdir()]
    except OSError:
        return
    for number in descriptors:
        path = link_target(f"{process}/fd/{number}")
        if not path.startswith("/") or path.startswith("/dev/"):
            continue
        try:
            info = Path(f"{process}/fdinfo/{number}").read_text(encoding="ascii")
        except OSError:
            continue
        flags = re.search(r"^flags:\s*([0-7]+)$", info, re.MULTILINE)
        if flags and int(flags[1], 8) & os.O_ACCMODE != os.O_RDONLY:
            yield path[: -len(" (deleted)")] if path.endswith(" (deleted)") else path


def other_processes(names: Sequence[str], stress_dir: str, own_uid: int | None) -> list[Process]:
    """The poorer view without /proc (macOS): lsof and ps. Raises OSError when neither can be run.

    Relative folders are not seen: they would need each process's own folder.
    """

    def run(*argv: str) -> str:
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=60, check=False)
        return done.stdout

    words = parse_ps(run("ps", "-axEww", "-o", "pid=,command="))
    owners = parse_ps(run("ps", "-axo", "pid=,uid="))
    writes = parse_lsof(run("lsof", "-w", "-n", "-P", "-F", "pan"), stress_dir)
    found = []
    for pid, parts in words.items():
        pairs = dict(part.partition("=")[::2] for part in parts[1:] if "=" in part)
        ours = parts[:1] and parts[0].startswith(f"{stress_dir}/engine/")
        if ours or pid in (os.getpid(), os.getppid()) or any(name in pairs for name in _OURS):
            continue
        if own_uid is not None and owners.get(pid) == [str(own_uid)]:
            continue
        absolute = {name: pairs[name] for name in names if pairs.get(name, "").startswith("/")}
        folders = {name: os.path.realpath(value) for name, value in absolute.items()}
        if folders or pid in writes:
            found.append(Process(pid, short_name(parts[:2]), folders, writes.get(pid, [])))
    return found


def parse_lsof(text: str, stress_dir: str) -> dict[int, list[str]]:
    """Pids and their files open for writing below a folder, from ``lsof -w -n -P -F pan``."""
    found: dict[int, list[str]] = {}
    pid, access = 0, ""
    for line in text.splitlines():
        kind, value = line[:1], line[1:]
        if kind == "p":
            pid = int(value)
        elif kind == "f":
            access = ""
        elif kind == "a":
            access = value.strip()
        elif kind == "n" and access in ("w", "u") and value.startswith(f"{stress_dir}/"):
            found.setdefault(pid, []).append(value)
    return found


def parse_ps(text: str) -> dict[int, list[str]]:
    """Pids and words (command and, where shown, environment) from ``ps -axEww -o pid=,command=``."""
    found = {}
    for line in text.splitlines():
        pid, _, words = line.strip().partition(" ")
        if pid.isdigit():
            found[int(pid)] = words.split()
    return found
