#!/usr/bin/python
"""Look at a host once: everything the playbooks need to know of it."""

# Self-contained on purpose: it runs before the engine is on the host, with the host's own Python, and what it
# sees decides whether anything is put there at all. It sees; plugins/filter/preflight.py judges.

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_facts
short_description: Look at a host that is to be stressed
version_added: "0.1.0"
description:
  - Collects in one call what the playbooks need to know of a host, as data.
  - Judges nothing, and changes nothing, ever.
options:
  stress_dir:
    description:
      - The folder that is to hold everything of ours. V(~) is the home of the user that looks.
    type: str
    required: true
  relative_to:
    description:
      - Folder that a relative O(stress_dir) counts from. Empty where there is none (on a remote host).
    type: str
    default: ""
  user:
    description: Name of the unprivileged user that bots are to run as.
    type: str
    required: true
  folder_variables:
    description:
      - Environment variables by which a bot is told its state and log folders. Living processes
        that were told a folder in, above or equal to O(stress_dir) are listed.
    type: list
    elements: str
    default: []
  bot_folder:
    description: A folder on this host that the bot's code is to come from, or empty.
    type: str
    default: ""
  programs:
    description: Names of programs of the system that are looked for.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Looks only.}
  platform: {description: "Linux, and macOS with a poorer view of other processes."}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Look at the host
  stress_facts:
    stress_dir: /var/lib/fleet-stress
    user: fleet-stress
    folder_variables: [STATE_DIR, LOG_DIR]
  register: stress_facts
"""

RETURN = r"""
system: {description: Name of the kernel., returned: always, type: str, sample: Linux}
machine: {description: Hardware name., returned: always, type: str, sample: x86_64}
release: {description: Release of the kernel., returned: always, type: str, sample: 6.1.0}
libc: {description: "V(glibc), V(musl) or V(system).", returned: always, type: str, sample: glibc}
libc_version: {description: Its version if it says so., returned: always, type: str, sample: "2.36"}
python: {description: Version of the Python that looked., returned: always, type: str, sample: 3.11.2}
python_exe: {description: Path of that Python., returned: always, type: str, sample: /usr/bin/python3}
cores: {description: Processors that may be used., returned: always, type: int, sample: 2}
memory_mb: {description: Memory (MiB) that may be used., returned: always, type: int, sample: 7800}
memory_available_mb:
  description: Memory (MiB) that can be had without swapping; null where the system does not say.
  returned: always
  type: int
  sample: 5200
disk_free_mb: {description: Free disk (MiB) at O(stress_dir)., returned: always, type: int, sample: 80000}
inodes_free: {description: Free inodes there; null if without limit., returned: always, type: int}
root: {description: Whether root looked., returned: always, type: bool, sample: true}
login: {description: The user that looked., returned: always, type: str, sample: root}
user: {description: The bots' user as asked., returned: always, type: str, sample: fleet-stress}
user_exists: {description: Whether it is there., returned: always, type: bool, sample: true}
user_ours: {description: Whether we made it., returned: always, type: bool, sample: true}
group_ours: {description: Whether it has a group to itself., returned: always, type: bool, sample: true}
user_root: {description: Whether it is root., returned: always, type: bool, sample: false}
nologin: {description: A shell that lets nobody in., returned: always, type: str, sample: /usr/sbin/nologin}
stress_dir:
  description: The folder as an absolute path without links; empty if it was relative to nothing.
  returned: always
  type: str
state: {description: "V(absent), V(empty), V(ours), V(foreign).", returned: always, type: str, sample: ours}
base:
  description: The folder itself, or the nearest above it that exists.
  returned: always
  type: dict
  contains:
    path: {description: Where it is., type: str, returned: always}
    is_folder: {description: Whether it is a folder., type: bool, returned: always}
    writable: {description: Whether something can be made there., type: bool, returned: always}
    closed_at:
      description: The first folder on the way that the bots' user may not enter, or empty.
      type: str
      returned: always
    mounted: {description: V(read-only) and V(noexec) if so mounted., type: list, returned: always}
    homes: {description: Homes of users in O(stress_dir)., type: list, returned: always}
entries: {description: Names in the folder if it is ours., returned: always, type: list, elements: str}
engines: {description: Names of complete engines., returned: always, type: list, elements: str}
engine_current: {description: The one in use; empty if none., returned: always, type: str}
bots: {description: Names of complete private copies., returned: always, type: list, elements: str}
environments: {description: Names of complete environments., returned: always, type: list, elements: str}
stored:
  description: Wheels and archives of bots, relative to O(stress_dir); what need not be brought again.
  returned: always
  type: list
  elements: str
  sample: [wheels/0f3a/pip-26.0.1-py3-none-any.whl]
provisioned:
  description:
    - What the role C(bot) wrote down when everything stood, by the name of its file; RV(provisioned.touched) is
      whether the bot's copy was changed since.
  returned: always
  type: dict
  sample: {"0f3a5b7c9d1e": {"bot_copy": "/var/lib/fleet-stress/bots/reference-0f3a", "touched": false}}
programs_missing: {description: Those of O(programs) that are not there., returned: always, type: list, elements: str}
halted:
  description: Who forbade new runs, since when and why; null if nobody.
  returned: always
  type: dict
  sample: {"reason": "incident 4711", "by": "ops@desk", "since": "2026-11-24T14:12:00+00:00"}
run: {description: What a living run says of itself; null if none., returned: always, type: dict}
mounts: {description: Mount points in O(stress_dir)., returned: always, type: list, elements: str}
others:
  description: Living processes that are not ours and are in the way.
  returned: always
  type: list
  elements: dict
  contains:
    pid: {description: Its process id., type: int, returned: always}
    name: {description: Its program and first plain word., type: str, returned: always}
    variable: {description: What names the folder; empty for an open file., type: str, returned: always}
    path: {description: The folder, or the file that it writes., type: str, returned: always}
    lies: {description: "V(equal), V(above) or V(below) O(stress_dir).", type: str, returned: always}
bot_folder_exists: {description: Whether O(bot_folder) is one., returned: always, type: bool}
notes: {description: What could not be seen., returned: always, type: list, elements: str}
"""

import fcntl
import grp
import json
import os
import platform
import pwd
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule

MARKER = ".fleet-stress"
MARK_VARIABLES = ("FLEET_STRESS_RUN", "FLEET_STRESS_ARENA")
#: The comment (GECOS) that the role engine gives the user it makes; purge removes no other user.
USER_COMMENT = "fleet-stress bots"
#: Identity of a folder that exists: device and inode.
Identity = tuple[int, int]


class Process(NamedTuple):
    """What matters of one living process. ``folders`` are the values of the folder variables, absolute."""

    pid: int
    name: str
    folders: dict[str, str]
    writes: list[str]


# ---- the folder ----


def is_ours(folder: Path) -> bool:
    """Whether a folder carries our marker: a regular file that says so, owned by root or by ourselves."""
    marker = folder / MARKER
    try:
        status = marker.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in (0, os.geteuid()):
            return False
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("made_by") == "fleet-stress"


def folder_state(folder: Path) -> str:
    """``absent``, ``empty``, ``ours`` or ``foreign``."""
    if not os.path.lexists(folder):
        return "absent"
    if not is_folder(folder):
        return "foreign"
    if is_ours(folder):
        return "ours"
    try:
        return "foreign" if any(folder.iterdir()) else "empty"
    except OSError:  # what nobody lets us look into is somebody's
        return "foreign"


def is_folder(path: Path) -> bool:
    """Whether a folder is there; False also where we may not look (``Path.is_dir`` raises there)."""
    status = status_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def status_of(path: Path) -> os.stat_result | None:
    """What the file system says of a path; None if it is not there, or lies behind a closed folder."""
    try:
        return path.stat()
    except OSError:
        return None


def nearest_existing(path: Path) -> Path:
    """The path itself or the first of its parents that is there and can be seen."""
    return next((folder for folder in (path, *path.parents) if status_of(folder)), Path("/"))


def closed_to(folder: Path, uid: int, gids: Sequence[int]) -> Path | None:
    """The first existing folder on the way (and itself) that this user may not pass through, or None."""
    if uid == 0:
        return None
    for step in (*reversed(folder.parents), folder):
        try:
            status = step.stat()
        except OSError:
            return None
        bit = 0o100 if status.st_uid == uid else 0o010 if status.st_gid in gids else 0o001
        if not status.st_mode & bit:
            return step
    return None


# ---- one folder against another ----


def steps_to(path: str) -> tuple[list[Identity], tuple[str, ...]]:
    """Identities of the existing folders on the way to a path, and the names of the missing rest.

    Identities rather than names: bind mounts and the other root of a container are seen through.
    """
    parts = Path(path).parts
    identities: list[Identity] = []
    for count in range(1, len(parts) + 1):
        try:
            status = Path(*parts[:count]).stat()
        except OSError:
            return identities, parts[count - 1 :]
        identities.append((status.st_dev, status.st_ino))
    return identities, ()


def relation(one: str, other: str) -> str | None:
    """How folder ``one`` lies to ``other``: ``equal``, ``above``, ``below`` or None."""
    (one_way, one_rest), (other_way, other_rest) = steps_to(one), steps_to(other)
    if not one_way or not other_way:
        return None
    if one_way[-1] == other_way[-1]:
        shorter = min(len(one_rest), len(other_rest))
        if one_rest[:shorter] != other_rest[:shorter]:
            return None
        if len(one_rest) == len(other_rest):
            return "equal"
        return "above" if len(one_rest) < len(other_rest) else "below"
    if not one_rest and one_way[-1] in other_way:
        return "above"
    if not other_rest and other_way[-1] in one_way:
        return "below"
    return None


# ---- living processes ----


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
    found = {os.getpid()}
    parents = os.getppid()
    while parents > 1 and parents not in found:
        found.add(parents)
        try:
            text = Path(f"/proc/{parents}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            break
        parents = int(text.rpartition(")")[2].split()[1])
    return found


def linux_processes(names: Sequence[str], stress_dir: str, own_uid: int | None) -> tuple[list[Process], int]:
    """Living processes that are not ours, and how many could not be looked into."""
    mine, found, unseen = ancestors(), [], 0
    inside, engine = f"{stress_dir}/", f"{stress_dir}/engine/"
    own_namespace = _link("/proc/self/ns/mnt")
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
        if ours or parse_environment(block, MARK_VARIABLES):
            continue
        apart = _link(f"{folder}/ns/mnt") != own_namespace
        folders = {
            name: as_we_see(value, _link(f"{folder}/cwd") or "/", f"{folder}/root" if apart else "")
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


def as_we_see(value: str, cwd: str, root: str) -> str:
    """A folder by its absolute path as seen from here.

    ``value`` is what a process was told, ``cwd`` its own folder, ``root`` the way to its file system (as
    /proc/<pid>/root) if it lives in another mount namespace than we, else empty.
    """
    path = os.path.join(cwd, value)  # noqa: PTH118 - an absolute value stands for itself
    return root + os.path.normpath(path) if root else os.path.realpath(path)


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def _written(process: str) -> Iterable[str]:
    """Paths of regular files that a process has open for writing."""
    try:
        descriptors = [entry.name for entry in Path(f"{process}/fd").iterdir()]
    except OSError:
        return
    for number in descriptors:
        path = _link(f"{process}/fd/{number}")
        if not path.startswith("/") or path.startswith("/dev/"):
            continue
        try:
            info = Path(f"{process}/fdinfo/{number}").read_text(encoding="ascii")
        except OSError:
            continue
        flags = re.search(r"^flags:\s*([0-7]+)$", info, re.MULTILINE)
        if flags and int(flags[1], 8) & os.O_ACCMODE != os.O_RDONLY:
            yield path[: -len(" (deleted)")] if path.endswith(" (deleted)") else path


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
        if ours or pid in (os.getpid(), os.getppid()) or any(name in pairs for name in MARK_VARIABLES):
            continue
        if own_uid is not None and owners.get(pid) == [str(own_uid)]:
            continue
        told = {name: pairs[name] for name in names if pairs.get(name, "").startswith("/")}
        folders = {name: os.path.realpath(value) for name, value in told.items()}
        if folders or pid in writes:
            found.append(Process(pid, short_name(parts[:2]), folders, writes.get(pid, [])))
    return found


def in_the_way(processes: Iterable[Process], stress_dir: str) -> list[dict[str, Any]]:
    """The processes that live in, above or below the folder that is to be ours; one entry each."""
    found = []
    for process in processes:
        ways = [
            {"variable": name, "path": folder, "lies": relation(folder, stress_dir)}
            for name, folder in process.folders.items()
        ]
        ways += [{"variable": "", "path": path, "lies": "below"} for path in process.writes]
        way = next((way for way in ways if way["lies"]), None)
        if way:
            found.append({"pid": process.pid, "name": process.name, **way})
    return found


# ---- the rest of the host ----


def memory_mb() -> int:
    """Memory in MiB that we may use: the machine's, or less where a cgroup says so."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return total // 2**20


def memory_available_mb() -> int | None:
    """Memory that can be had without swapping (proc(5), MemAvailable), in MiB; None where nothing says so."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    told = re.search(r"^MemAvailable:\s+(\d+) kB$", text, re.MULTILINE)
    return int(told[1]) // 2**10 if told else None


def libc() -> tuple[str, str]:
    """Name and version of the C library: it decides which wheels fit."""
    if platform.system() != "Linux":
        return "system", platform.mac_ver()[0]
    name, version = platform.libc_ver()
    if name == "glibc":
        return name, version
    return ("musl", "") if any(Path("/lib").glob("ld-musl-*")) else ("glibc", "")


def complete(folder: Path) -> list[str]:
    """Names of the folders below ``folder`` that have their stamp, the file that is written last."""
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted(name for name in names if (folder / f"{name}.json").is_file())


def stored(stress_dir: Path) -> list[str]:
    """Wheels and archives that were brought before, relative to the folder."""
    files = [*stress_dir.glob("wheels/*/*.whl"), *stress_dir.glob("bots/archives/*.tar.gz")]
    return sorted(str(path.relative_to(stress_dir)) for path in files)


def provisioned(stress_dir: Path) -> dict[str, Any]:
    """What the role bot wrote down when everything stood, and whether the copy was changed since."""
    found: dict[str, Any] = {}
    for file in sorted((stress_dir / "provisioned").glob("*.json")):
        try:
            stamp = json.loads(file.read_text(encoding="utf-8"))
            touched = changed_after(Path(stamp["bot_copy"]), file.lstat().st_ctime_ns)
        except (OSError, ValueError, TypeError, KeyError):
            continue
        found[file.stem] = {**stamp, "touched": touched}
    return found


def changed_after(folder: Path, moment: int) -> bool:
    """Whether anything in a folder was changed after a moment (ns), by inode times: nothing is read."""
    try:
        entries = [folder, *folder.rglob("*")]
        return any(entry.lstat().st_ctime_ns > moment for entry in entries)
    except OSError:
        return True


def missing_programs(names: Iterable[str]) -> list[str]:
    """Those that are not on the PATH, nor where a login's PATH does not lead."""
    places = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/local/sbin:/usr/sbin:/sbin"
    return [name for name in names if shutil.which(name, path=places) is None]


def halted(stress_dir: Path) -> dict[str, Any] | None:
    """What ``fleet_stress/recovery/halt.py`` wrote, read without the engine; one that cannot be read halts as well."""
    unknown = {"reason": "halted.json cannot be read", "by": "?", "since": "?"}
    try:
        found = json.loads((stress_dir / "halted.json").read_text(encoding="utf-8"))
        return {name: str(found.get(name, "?")) for name in unknown}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError):
        return unknown


def living_run(stress_dir: Path) -> dict[str, Any] | None:
    """What the run that holds the host's lock says of itself, or None."""
    try:
        descriptor = os.open(stress_dir / "lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        try:
            return dict(json.loads(os.pread(descriptor, 65536, 0)))
        except ValueError:
            return {}
    finally:
        os.close(descriptor)
    return None


def mounts_below(folder: str, mountinfo: str) -> list[str]:
    """Mount points below a folder, from the text of /proc/self/mountinfo."""
    points = []
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        if len(fields) > 4:
            # Blanks and the like are written as octal escapes.
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
            if point.startswith(f"{folder}/"):
                points.append(point)
    return points


def mounts_told(folder: str, told: str) -> list[str]:
    """Mount points below a folder, from what mount(8) of macOS prints: ``SOURCE on POINT (TYPE, …)``, a line each."""
    points = [line.partition(" on ")[2].rpartition(" (")[0] for line in told.splitlines()]
    return [point for point in points if point.startswith(f"{folder}/")]


def placed(stress_dir: str, relative_to: str) -> Path | None:
    """The folder as an absolute path without links; None for a relative path that counts from nowhere."""
    path = Path(stress_dir).expanduser()
    if not path.is_absolute():
        if not relative_to:
            return None
        path = Path(relative_to) / path
    return Path(os.path.realpath(path))


def look(parameters: dict[str, Any]) -> dict[str, Any]:
    """All facts. ``parameters`` as the module takes them."""
    notes: list[str] = []
    user = user_facts(parameters["user"])
    gids, uid = user.pop("gids"), user.pop("uid")
    folder = placed(parameters["stress_dir"], parameters["relative_to"])
    place, names = folder or Path("/"), parameters["folder_variables"]
    own_uid = uid if user["user_ours"] else None
    processes: list[Process] = []
    if platform.system() == "Linux":
        processes, unseen = linux_processes(names, str(place), own_uid)
        if unseen:
            notes.append(f"{unseen} processes of others could not be looked into")
    else:
        try:
            processes = other_processes(names, str(place), own_uid)
        except (OSError, subprocess.SubprocessError) as problem:
            notes.append(f"whether a living process uses {place} could not be seen: {problem}")
    source = parameters["bot_folder"]
    return {
        **host_facts(nearest_existing(place)),
        **user,
        **folder_facts(place),
        "stress_dir": str(folder or ""),
        "base": base_facts(place, uid, gids),
        "others": in_the_way(processes, str(place)) if folder else [],
        "bot_folder_exists": not source or is_folder(Path(source)),
        "programs_missing": missing_programs(parameters["programs"]),
        "notes": notes,
    }


def user_facts(name: str) -> dict[str, Any]:
    """What the bots' user is. A user that is yet to be made has no rights but those of everybody."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        absent = dict.fromkeys(("user_exists", "user_ours", "user_root", "group_ours"), False)
        return {**absent, "user": name, "uid": -1, "gids": []}
    ours = entry.pw_gecos.split(",")[0] == USER_COMMENT
    return {
        "user": name,
        "user_exists": True,
        "user_ours": ours,
        "group_ours": ours and its_own_group(entry),
        "user_root": entry.pw_uid == 0,
        "uid": entry.pw_uid,
        "gids": os.getgrouplist(name, entry.pw_gid),
    }


def its_own_group(entry: pwd.struct_passwd) -> bool:
    """Whether a user's first group has its name, and nobody else in it."""
    try:
        group = grp.getgrgid(entry.pw_gid)
    except KeyError:
        return False
    others = [
        one.pw_name for one in pwd.getpwall() if one.pw_gid == group.gr_gid and one.pw_name != entry.pw_name
    ]
    return group.gr_name == entry.pw_name and not others and set(group.gr_mem) <= {entry.pw_name}


def base_facts(folder: Path, uid: int, gids: Sequence[int]) -> dict[str, Any]:
    """What the stress folder would be made in, seen by the bots' user too."""
    base = nearest_existing(folder)
    flags = os.statvfs(base).f_flag
    words = (("read-only", os.ST_RDONLY), ("noexec", getattr(os, "ST_NOEXEC", 0)))
    homes = {entry.pw_dir for entry in pwd.getpwall() if entry.pw_dir not in ("", "/")}
    return {
        "path": str(base),
        "is_folder": base.is_dir(),
        "writable": os.access(base, os.W_OK | os.X_OK),
        "closed_at": str(closed_to(base, uid, gids) or ""),
        "mounted": [word for word, flag in words if flags & flag],
        "homes": sorted(home for home in homes if Path(home) == folder or folder in Path(home).parents),
    }


def host_facts(base: Path) -> dict[str, Any]:
    """What the machine is. ``base``: an existing folder on the disk that counts."""
    disk = os.statvfs(base)
    name, version = libc()
    shells = ("/usr/sbin/nologin", "/sbin/nologin", "/usr/bin/false", "/bin/false")
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "release": platform.release(),
        "libc": name,
        "libc_version": version,
        "python": platform.python_version(),
        "python_exe": sys.executable,
        "cores": cores,
        "memory_mb": memory_mb(),
        "memory_available_mb": memory_available_mb(),
        "disk_free_mb": disk.f_bavail * disk.f_frsize // 2**20,
        "inodes_free": disk.f_favail if disk.f_files else None,
        "root": os.geteuid() == 0,
        "login": pwd.getpwuid(os.geteuid()).pw_name,
        "nologin": next((shell for shell in shells if Path(shell).exists()), "/bin/false"),
    }


def mounts(folder: str) -> list[str]:
    """Mount points below a folder."""
    try:
        if platform.system() == "Linux":
            return mounts_below(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=60, check=False).stdout
        return mounts_told(folder, told)
    except (OSError, subprocess.SubprocessError):
        return []


def folder_facts(folder: Path) -> dict[str, Any]:
    """What stands in the folder that is, or is to be, ours."""
    state = folder_state(folder)
    ours = state == "ours"
    return {
        "state": state,
        "mounts": mounts(str(folder)),
        "entries": sorted(entry.name for entry in folder.iterdir()) if ours else [],
        "halted": halted(folder) if ours else None,
        "run": living_run(folder) if ours else None,
        "engine_current": _link(f"{folder}/engine/current") if ours else "",
        "engines": complete(folder / "engine") if ours else [],
        "bots": complete(folder / "bots") if ours else [],
        "environments": complete(folder / "environments") if ours else [],
        "stored": stored(folder) if ours else [],
        "provisioned": provisioned(folder) if ours else {},
    }


def main() -> None:
    """Look, and answer."""
    module = AnsibleModule(
        argument_spec={
            "stress_dir": {"type": "str", "required": True},
            "relative_to": {"type": "str", "default": ""},
            "user": {"type": "str", "required": True},
            "folder_variables": {"type": "list", "elements": "str", "default": []},
            "bot_folder": {"type": "str", "default": ""},
            "programs": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    try:
        Path(module.params["stress_dir"]).expanduser()
    except RuntimeError:
        module.fail_json(
            msg=f"stress_dir {module.params['stress_dir']}: there is no such home. Give an absolute path."
        )
    module.exit_json(changed=False, **look(module.params))


if __name__ == "__main__":
    main()
