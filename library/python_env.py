#!/usr/bin/python
"""Build a small Python environment on a host, once, from what was asked."""

# Self-contained on purpose: it builds the very environment that the engine is then installed in.

from __future__ import annotations

DOCUMENTATION = r"""
module: python_env
short_description: A Python environment that is complete or not there
version_added: "0.1.0"
description:
  - Builds a virtual environment and installs into it with a pip that is brought along, so that the host
    needs neither ensurepip nor the package python3-venv.
  - What was asked for has a hash. The environment counts as complete only when its stamp, a file beside it
    that is written last, holds that hash and its interpreter starts; otherwise it is built anew from nothing.
  - Deletes nothing that does not lie in a folder with our marker.
options:
  path:
    description:
      - Where the environment is. C({key}) in it stands for the first digits of the hash of what was asked.
    type: str
    required: true
  python:
    description: The Python that it is made from.
    type: path
    required: true
  pip:
    description: A wheel of pip on the host.
    type: path
    required: true
  wheels:
    description: Paths of wheels to install; nothing is fetched for them.
    type: list
    elements: path
    default: []
  requirements:
    description: Requirements files. Files that they name by C(-r) are read too.
    type: list
    elements: path
    default: []
  requirements_optional:
    description: Whether a requirements file may be missing.
    type: bool
    default: false
  packages:
    description: Requirements beside those files.
    type: list
    elements: str
    default: []
  constraints:
    description: Constraint lines for pip.
    type: list
    elements: str
    default: []
  pip_environment:
    description:
      - Environment of pip, beside what the host's own says of its index. It may hold passwords, so only its names are
        returned, and values are taken out of what pip says.
    type: dict
    default: {}
  leave_out:
    description: Names of packages whose lines in the requirements files are passed over.
    type: list
    elements: str
    default: []
  user:
    description:
      - Name of the user that builds, because installing from source runs foreign code. Afterwards the
        environment belongs to root, and that user can only read it. Empty builds as the module's own user.
    type: str
    default: ""
  link:
    description: A link to be switched to the environment once it is complete.
    type: path
  within:
    description: Longest time in seconds that building may take.
    type: float
    default: 1800.0
attributes:
  check_mode: {description: Says whether it would be built.}
  diff_mode: {description: Lists what is asked for., support: full}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Give the bot its own environment
  python_env:
    path: /var/lib/fleet-stress/environments/{key}
    python: /usr/bin/python3
    pip: /var/lib/fleet-stress/wheels/0f3a5b7c9d1e/pip-25.3-py3-none-any.whl
    requirements: [/var/lib/fleet-stress/bots/reference-0f3a5b7c9d1e/requirements.txt]
    constraints: ["pandas<3"]
    leave_out: [torch]
    user: fleet-stress
"""

RETURN = r"""
path:
  description: Where the environment is.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/environments/0f3a5b7c9d1e
interpreter:
  description: Its Python.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/environments/0f3a5b7c9d1e/bin/python
complete:
  description: Whether it stands now; false only in check mode.
  returned: always
  type: bool
  sample: true
why:
  description: Why it was built; empty if it stood complete.
  returned: always
  type: str
  sample: is not there
"""

import fcntl
import hashlib
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule

MARKER = ".fleet-stress"
#: Says to preflight that a process below our folder is ours.
MARK = {"FLEET_STRESS_RUN": "provision"}
#: What pip may know of the world that we run in: its index, the way there, and whom to trust. The rest of an
#: operator's environment is nobody's business; options that install elsewhere would defeat the purpose.
PASSED_ON = re.compile(r"PIP_\w+|\w*_proxy|\w*_PROXY|\w*CERT\w*")
NOT_PASSED_ON = re.compile(
    r"PIP_(TARGET|PREFIX|ROOT|USER|PYTHON|REQUIRE_VIRTUALENV|LOG|REPORT|QUIET|VERBOSE|DRY_RUN)"
)


class EnvironmentFailed(Exception):
    """It could not be built; the message says why and what to do."""


class Asked(NamedTuple):
    """Everything that decides what is in the environment."""

    python: str
    version: str
    wheels: tuple[str, ...]
    requirements: tuple[str, ...]
    packages: tuple[str, ...]
    constraints: tuple[str, ...]

    @property
    def key(self) -> str:
        """SHA-256 of all that."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()

    @property
    def lines(self) -> list[str]:
        """For a person: what is installed into what."""
        wheels = [Path(wheel).name for wheel in self.wheels]
        constraints = [f"constraint: {line}" for line in self.constraints]
        return [f"Python {self.version}", *wheels, *self.requirements, *self.packages, *constraints]


# ---- requirements files ----


def requirement_lines(
    file: Path, leave_out: Sequence[str], seen: frozenset[Path] = frozenset()
) -> Iterator[str]:
    """The lines of a requirements file and of those it names, without comments and what is left out.

    Flattened, so that the hash of what was asked knows all of it and a left out package is found everywhere.
    """
    place = Path(os.path.realpath(file))
    if place in seen:
        return
    names = {canonical(name) for name in leave_out}
    text = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8-sig"))
    for raw in text.splitlines():
        line = re.sub(r"(^|\s+)#.*$", "", raw).strip()
        nested = re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)$", line)
        constraint = re.match(r"(?:-c|--constraint)[ =]?\s*(\S+)$", line)
        if nested and "://" not in nested[1]:
            yield from requirement_lines(file.parent / nested[1], leave_out, seen | {place})
        elif constraint and "://" not in constraint[1]:
            yield f"-c {file.parent / constraint[1]}"
        elif line and requirement_name(line) not in names:
            yield line


def requirement_name(line: str) -> str:
    """The canonical name of the package that a line asks for; empty for options, paths and addresses."""
    egg = re.search(r"#egg=([\w.-]+)", line)
    named = egg or re.match(r"([A-Za-z0-9][\w.-]*?)\s*(?:$|[\[<>=!~;@ ])", line)
    return canonical(named[1]) if named else ""


def canonical(name: str) -> str:
    """PEP 503: case and the kind of separator do not matter."""
    return re.sub(r"[-_.]+", "-", name).lower().strip()


def read_requirements(
    files: Iterable[Path], leave_out: Sequence[str], *, optional: bool
) -> tuple[list[str], list[Path]]:
    """All lines, and the files that were not there. Raises EnvironmentFailed if one had to be."""
    lines: list[str] = []
    missing = []
    for file in files:
        if optional and not file.exists():
            missing.append(file)
            continue
        try:
            lines += requirement_lines(file, leave_out)
        except (OSError, UnicodeDecodeError) as problem:
            name = getattr(problem, "filename", None) or file
            raise EnvironmentFailed(
                f"requirements file {name}: cannot be read ({getattr(problem, 'strerror', None) or problem})."
                " Name files that the bot's folder has: -e bot_requirements=FILE"
            ) from problem
    return lines, missing


# ---- the environment ----


def why_incomplete(path: Path, key: str) -> str:
    """Why an environment must be built; empty if it stands complete."""
    try:
        stamp = json.loads(stamp_of(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "was not finished" if path.exists() else "is not there"
    except (OSError, ValueError):
        return "its stamp cannot be read"
    if stamp.get("asked") != key:
        return "something else was asked for"
    # -S: site would run what foreign packages brought, and this runs as root.
    return "" if starts(path / "bin/python", "-I", "-S") else "its interpreter does not start"


def stamp_of(path: Path) -> Path:
    """Beside the environment: what builds in it cannot write it."""
    return path.with_name(f"{path.name}.json")


def starts(python: Path, *options: str) -> str:
    """The version of an interpreter, or empty if it does not start."""
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [str(python), *options, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def marked_above(path: Path) -> bool:
    """Whether a folder above carries our marker: then we may delete below it."""
    parent = Path(os.path.realpath(path.parent))
    return any((folder / MARKER).is_file() for folder in (parent, *parent.parents))


@contextmanager
def alone(path: Path, within: float) -> Iterator[int]:
    """One builder at a time. The lock is handed down to pip: it stands as long as something writes there."""
    path.parent.mkdir(mode=0o755, exist_ok=True)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDONLY | os.O_CREAT, 0o600)
    deadline = time.monotonic() + within
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EnvironmentFailed(
                        f"{path}: another process has been building it for {within:.0f} s. Wait, or end it."
                    ) from None
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


class Builder:
    """Builds one environment, from nothing."""

    def __init__(
        self, path: Path, user: str, within: float, lock: int, given: Mapping[str, str] | None = None
    ) -> None:
        self.path, self.lock, self.given = path, lock, given or {}
        self.deadline = time.monotonic() + within
        try:
            self.owner = pwd.getpwnam(user) if user and os.geteuid() == 0 else None
        except KeyError:
            raise EnvironmentFailed(
                f"{path}: there is no user {user} to build it. Run the whole provision stage."
            ) from None
        self.home = path / ".home"

    def build(self, asked: Asked, pip: Path, cwd: Path) -> None:
        """Make it; raises EnvironmentFailed."""
        if self.path.exists():
            shutil.rmtree(self.path)
        for folder in (self.path, self.home):
            folder.mkdir(mode=0o755 if folder == self.path else 0o700)
            if self.owner:
                os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        self._run(
            [asked.python, "-I", "-m", "venv", "--without-pip", str(self.path)],
            "no environment could be made",
        )
        install = [str(self.path / "bin/python"), "-I", str(pip / "pip"), "install", "--no-input"]
        install += ["--disable-pip-version-check", "--no-warn-script-location", "--progress-bar", "off"]
        if asked.wheels:
            where = [
                f"--find-links={folder}"
                for folder in sorted({str(Path(wheel).parent) for wheel in asked.wheels})
            ]
            self._run(
                [*install, "--isolated", "--no-index", *where, *asked.wheels], "the engine does not install"
            )
        if asked.requirements or asked.packages:
            self._bring_settings()
            wanted = self._write("requirements.txt", [*asked.requirements, *asked.packages])
            limits = self._write("constraints.txt", asked.constraints)
            self._run([*install, "-r", wanted, "-c", limits], "the bot's requirements do not install", cwd)
        shutil.rmtree(self.home)
        seal(self.path)

    def _bring_settings(self) -> None:
        """The host's own pip settings say where its index is; who builds has no home to find them in."""
        for place in (".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf"):
            settings = Path(pwd.getpwuid(os.geteuid()).pw_dir) / place
            if settings.is_file():
                self._write("pip.conf", settings.read_text(encoding="utf-8").splitlines())
                return

    def _write(self, name: str, lines: Sequence[str]) -> str:
        # Whoever builds owns these folders, and could put a link in the way of what we write as root.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        folder = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            # The host's own settings may hold the password of its index.
            descriptor = os.open(name, flags, 0o600, dir_fd=folder)
        finally:
            os.close(folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
            if self.owner:
                os.fchown(descriptor, self.owner.pw_uid, self.owner.pw_gid)
        return str(self.home / name)

    def _run(self, argv: Sequence[str], failure: str, cwd: Path | None = None) -> None:
        switch: dict[str, Any] = {}
        if self.owner:
            groups = os.getgrouplist(self.owner.pw_name, self.owner.pw_gid)
            switch = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": groups}
        # Into a file: a pipe would stay open as long as anything that the build left behind.
        with tempfile.TemporaryFile(dir=self.path.parent) as said:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.path,
                env=environment({**os.environ, **self.given}, self.home),
                start_new_session=True,
                pass_fds=[self.lock],
                **switch,
            )
            in_time = end_group(process, self.deadline)
            said.seek(0)
            output = said.read().decode(errors="replace")
        if not in_time:
            do = "Look at the way to the package index, then run again."
            raise EnvironmentFailed(f"{self.path}: {failure}: it took too long, and was ended. {do}")
        if process.returncode:
            raise EnvironmentFailed(explain(failure, self.path, without_secrets(output, self.given)))


def end_group(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait for a process, and end what it left behind in its group. False if it took too long.

    The group is killed before its leader is reaped: until then its number cannot be somebody else's.
    """
    if hasattr(os, "waitid"):
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (ended := os.waitid(os.P_PID, process.pid, look)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        in_time = ended is not None
        with suppress(PermissionError):  # macOS says so of a group in which nobody lives
            os.killpg(process.pid, signal.SIGKILL)
    else:  # macOS before Python 3.13: what outlives its leader there holds the lock, and is waited for
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
            in_time = True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            in_time = False
    process.wait()
    return in_time


def environment(ours: Mapping[str, str], home: Path) -> dict[str, str]:
    """What a build sees of our environment: how to reach its index, and nothing else."""
    passed = {
        name: value
        for name, value in ours.items()
        if PASSED_ON.fullmatch(name) and not NOT_PASSED_ON.fullmatch(name)
    }
    settings = home / "pip.conf"
    if settings.exists():
        passed.setdefault("PIP_CONFIG_FILE", str(settings))
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", **MARK, **passed}


def without_secrets(text: str, given: Mapping[str, str]) -> str:
    """A message without passwords: those in addresses, and every value whose name says that it is one."""
    text = re.sub(r"//[^/@\s]+@", "//***@", text)
    for name, value in given.items():
        if re.search(r"pass|secret|token|key|auth", name, re.IGNORECASE) and len(value) > 3:
            text = text.replace(value, "***")
    return text


def explain(failure: str, path: Path, output: str) -> str:
    """The message for a person: the lines of pip that matter, and what can be done."""
    lines = [
        line.rstrip() for line in output.splitlines() if line.strip() and not line.startswith("[notice]")
    ]
    marks = ("ERROR:", "error:", "The conflict is caused by:")
    first = next(
        (number for number, line in enumerate(lines) if line.strip().startswith(marks)), len(lines) - 8
    )
    telling = [line for line in lines[max(0, first) :] if not line.startswith(("WARNING:", "  Downloading"))]
    said = "\n".join(f"  {line}" for line in telling[-14:])
    if "No space left" in output:
        todo = "make room there"
    elif re.search(
        r"Temporary failure in name resolution|NewConnectionError|Max retries|ConnectTimeout", output
    ):
        todo = "the host did not reach the package index: name one or a proxy in bot_pip_environment"
    else:
        todo = (
            "pin what clashes (-e 'bot_constraints=name<version'), or do without it (-e bot_leave_out=name)"
        )
    return f"{path}: {failure}. pip said:\n{said}\nWhat to do: {todo}."


def seal(path: Path) -> None:
    """Give the tree to us, readable for all and writable for nobody else. Links are never followed.

    A folder before what is in it: whoever built it can then put nothing else under a name that we looked at.
    """
    os.chown(path, os.geteuid(), os.getegid())
    path.chmod(0o755)
    for _, folders, names, descriptor in os.fwalk(path):
        for name in (*folders, *names):
            os.chown(name, os.geteuid(), os.getegid(), dir_fd=descriptor, follow_symlinks=False)
            mode = os.lstat(name, dir_fd=descriptor).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(name, 0o755 if stat.S_ISDIR(mode) or mode & 0o100 else 0o644, dir_fd=descriptor)


def write_stamp(path: Path, asked: Asked) -> None:
    """The last thing: from now on it is complete, also after a power cut."""
    stamp = stamp_of(path)
    temporary = stamp.with_name(f".{stamp.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump({"made_by": "fleet-stress", "asked": asked.key, "lines": asked.lines}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(0o644)
    temporary.replace(stamp)


def switch_link(link: Path, target: str) -> None:
    """Point a link elsewhere in one step: whoever looks sees the old or the new."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "python": {"type": "path", "required": True},
    "pip": {"type": "path", "required": True},
    "wheels": {"type": "list", "elements": "path", "default": []},
    "requirements": {"type": "list", "elements": "path", "default": []},
    "requirements_optional": {"type": "bool", "default": False},
    "packages": {"type": "list", "elements": "str", "default": []},
    "constraints": {"type": "list", "elements": "str", "default": []},
    "leave_out": {"type": "list", "elements": "str", "default": []},
    "pip_environment": {"type": "dict", "default": {}},
    "user": {"type": "str", "default": ""},
    "link": {"type": "path"},
    "within": {"type": "float", "default": 1800.0},
}


def main() -> None:
    """Look whether it stands; build it if not."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    os.umask(0o022)
    # What the module returns of its arguments holds the names alone (and no_log would blank every "1" of a value).
    given = {name: str(value) for name, value in module.params["pip_environment"].items()}
    module.params["pip_environment"] = dict.fromkeys(given, "(not shown)")
    try:
        module.exit_json(**ensure(module.params, look_only=module.check_mode, warn=module.warn, given=given))
    except EnvironmentFailed as problem:
        module.fail_json(msg=without_secrets(str(problem), given))
    except OSError as problem:
        module.fail_json(
            msg=f"{module.params['path']}: cannot be built: {problem}. Make room, or correct the folder."
        )


def ensure(
    asked: Mapping[str, Any],
    *,
    look_only: bool,
    warn: Callable[[str], None],
    given: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the module does; returns its answer.

    ``asked`` are the module's parameters, ``given`` is what pip's environment holds besides.
    """
    version = starts(Path(asked["python"]), "-I")
    if not version:
        raise EnvironmentFailed(f"{asked['python']}: does not start. Name a Python that does: stress_python.")
    files = [Path(file) for file in asked["requirements"]]
    if look_only and any(not file.parent.is_dir() for file in files):
        # A fresh host: the copy that the files are in would have been made just before.
        return answer(
            Path(asked["path"].replace("{key}", "…")),
            "is not there",
            ["requirements of a copy yet to be made"],
        )
    lines, missing = read_requirements(files, asked["leave_out"], optional=asked["requirements_optional"])
    for file in missing:
        warn(f"{file.name}: the bot's profile names it, this bot does not have it; nothing comes from it")
    wanted = Asked(
        asked["python"],
        version,
        tuple(asked["wheels"]),
        tuple(lines),
        tuple(asked["packages"]),
        tuple(asked["constraints"]),
    )
    path = Path(asked["path"].replace("{key}", wanted.key[:12]))
    link = Path(asked["link"]) if asked["link"] else None
    why = why_incomplete(path, wanted.key)
    if why and not look_only:
        if not marked_above(path):
            raise EnvironmentFailed(
                f"{path}: does not lie in a folder of ours (no marker). Run the whole provision stage."
            )
        with alone(path, asked["within"]) as lock:
            if why_incomplete(path, wanted.key):
                make(
                    Builder(path, asked["user"], asked["within"], lock, given or {}),
                    wanted,
                    Path(asked["pip"]),
                    files,
                )
    linked = link is None or (link.is_symlink() and str(link.readlink()) == path.name)
    if link and not linked and not look_only:
        switch_link(link, path.name)
    why = why or ("" if linked else f"{link} leads elsewhere")
    return answer(path, why, wanted.lines, complete=not (why and look_only))


def make(builder: Builder, wanted: Asked, pip: Path, files: Sequence[Path]) -> None:
    """Build, then put the stamp; what could not be built is not kept."""
    stamp_of(builder.path).unlink(missing_ok=True)
    try:
        builder.build(wanted, pip, cwd=files[0].parent if files else builder.path)
    except BaseException:
        shutil.rmtree(builder.path, ignore_errors=True)
        raise
    write_stamp(builder.path, wanted)


def answer(path: Path, why: str, lines: Sequence[str], *, complete: bool = False) -> dict[str, Any]:
    """What the module returns."""
    after = "".join(f"{line}\n" for line in (f"{path} ({why})", *lines))
    return {
        "changed": bool(why),
        "path": str(path),
        "interpreter": str(path / "bin/python"),
        "complete": complete,
        "why": why,
        "diff": {"before": "", "after": after, "before_header": "environment", "after_header": "environment"}
        if why
        else {},
    }


if __name__ == "__main__":
    main()
