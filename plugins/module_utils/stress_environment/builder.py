"""Builds one environment from nothing, as the user who may run foreign code, with a lock against a second builder."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.module_utils.fleet_stress.store.bare_python.marks import MARK_VARIABLE

from .failure import EnvironmentFailed, explain, without_secrets
from .process_group import end_group
from .request import Request, stamp_of, write_stamp
from .sealed_tree import seal

#: What pip may know of the world that we run in: its index, the way there, and whom to trust. The rest of an
#: operator's environment is nobody's business; options that install elsewhere would defeat the purpose.
PASSED_ON = re.compile(r"PIP_\w+|\w*_proxy|\w*_PROXY|\w*CERT\w*")
NOT_PASSED_ON = re.compile(
    r"PIP_(TARGET|PREFIX|ROOT|USER|PYTHON|REQUIRE_VIRTUALENV|LOG|REPORT|QUIET|VERBOSE|DRY_RUN)"
)


def make(builder: Builder, request: Request, pip: Path, files: Sequence[Path]) -> None:
    """Build, then put the stamp; what could not be built is not kept."""
    stamp_of(builder.path).unlink(missing_ok=True)
    try:
        builder.build(request, pip, cwd=files[0].parent if files else builder.path)
    except BaseException:
        shutil.rmtree(builder.path, ignore_errors=True)
        raise
    write_stamp(builder.path, request)


@contextmanager
def alone(path: Path, within: float) -> Iterator[int]:
    """One builder at a time. The lock is handed down to pip: it is held as long as something writes there."""
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

    def build(self, request: Request, pip: Path, cwd: Path) -> None:
        """Make it; raises EnvironmentFailed."""
        if self.path.exists():
            shutil.rmtree(self.path)
        for folder in (self.path, self.home):
            folder.mkdir(mode=0o755 if folder == self.path else 0o700)
            if self.owner:
                os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        self._run(
            [request.python, "-I", "-m", "venv", "--without-pip", str(self.path)],
            "no environment could be made",
        )
        install = [str(self.path / "bin/python"), "-I", str(pip / "pip"), "install", "--no-input"]
        install += ["--disable-pip-version-check", "--no-warn-script-location", "--progress-bar", "off"]
        if request.wheels:
            where = [
                f"--find-links={folder}"
                for folder in sorted({str(Path(wheel).parent) for wheel in request.wheels})
            ]
            self._run(
                [*install, "--isolated", "--no-index", *where, *request.wheels], "the engine does not install"
            )
        if request.requirements or request.packages:
            self._bring_settings()
            requirements = self._write("requirements.txt", [*request.requirements, *request.packages])
            constraints = self._write("constraints.txt", request.constraints)
            self._run(
                [*install, "-r", requirements, "-c", constraints],
                "the bot's requirements do not install",
                cwd,
            )
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
        with tempfile.TemporaryFile(dir=self.path.parent) as file:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.path,
                env=environment({**os.environ, **self.given}, self.home),
                start_new_session=True,
                pass_fds=[self.lock],
                **switch,
            )
            in_time = end_group(process, self.deadline)
            file.seek(0)
            output = file.read().decode(errors="replace")
        if not in_time:
            do = "Look at the way to the package index, then run again."
            raise EnvironmentFailed(f"{self.path}: {failure}: it took too long, and was ended. {do}")
        if process.returncode:
            raise EnvironmentFailed(explain(failure, self.path, without_secrets(output, self.given)))


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
    # With the variable that marks processes as ours: preflight then does not count them as in the way.
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {
        "PATH": path,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        MARK_VARIABLE: "provision",
        **passed,
    }
