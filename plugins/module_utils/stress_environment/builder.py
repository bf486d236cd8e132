"""Builds one environment from nothing, as the user who may run foreign code, with a lock against a second builder."""

from __future__ import annotations

import fcntl
import os
import pwd
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ansible.module_utils.fleet_stress.store.bare_python.flat_removal import remove_flat

from . import contained, local_sources
from .as_builder import asked_as
from .contained import FAILED, STILL_THERE, TOO_SLOW, WELL, Program
from .failure import EnvironmentFailed, explain, without_secrets
from .pip_environment import environment, settings_of_host
from .request import Request, stamp_of, write_stamp
from .sealed_tree import Moved, seal

_HOME = ".home"


class Bot(NamedTuple):
    """The bot whose requirements are installed."""

    folder: Path
    #: What pip counts paths from, relative to the folder.
    base: str = ""
    #: Whether something of the folder is installed; then pip gets a copy that it may write into.
    installs_itself: bool = False
    #: Whether the environment only links to the folder (``-e``).
    is_linked: bool = False


def make(builder: Builder, request: Request, pip: Path, bot: Bot | None = None) -> None:
    """Build, seal, then put the stamp; what could not be built is not kept."""
    stamp_of(builder.path).unlink(missing_ok=True)
    remove_flat(builder.path)
    remove_flat(builder.built)
    try:
        builder.build(request, pip, bot)
        write_stamp(builder.path, request, runs_here=builder.owner is None)
    except BaseException:
        remove_flat(builder.path)
        raise
    finally:
        remove_flat(builder.built)


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
    """Builds one environment, from nothing. ``owner``: who builds; None: we ourselves."""

    def __init__(
        self,
        path: Path,
        owner: pwd.struct_passwd | None,
        within: float,
        lock: int,
        given: Mapping[str, str] | None = None,
        *,
        owner_is_idle: bool = False,
    ) -> None:
        self.path, self.owner, self.lock, self.given = path, owner, lock, given or {}
        self.deadline = time.monotonic() + within
        self.home, self.built = path / _HOME, path.with_name(f".{path.name}.built")
        self.owner_is_idle = owner_is_idle

    def build(self, request: Request, pip: Path, bot: Bot | None = None) -> None:
        """Make it where it will be, since its programs know their place; then put a copy there.

        Raises EnvironmentFailed.
        """
        self._make_folders()
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
        moved = None
        if request.requirements or request.packages:
            moved = self._install(request, install, bot)
        # From here on nobody enters what was built by its name, and nothing written there gets into the copy.
        self.path.rename(self.built)
        seal(self.built, self.path, builder=self._uid, leave_out=_HOME, moved=moved)
        if self.owner:
            self._check_that_it_starts()

    @property
    def _uid(self) -> int:
        return self.owner.pw_uid if self.owner else os.geteuid()

    def _make_folders(self) -> None:
        """Ours first, and closed, so that nobody exchanges a folder before it is given away."""
        self.path.mkdir(mode=0o700)
        self.home.mkdir(mode=0o700)
        if self.owner:
            os.chown(self.home, self.owner.pw_uid, self.owner.pw_gid)
            os.chown(self.path, self.owner.pw_uid, self.owner.pw_gid)
        else:
            self.path.chmod(0o755)

    def _install(self, request: Request, install: Sequence[str], bot: Bot | None) -> Moved | None:
        """Install what the bot asks for. Returns what of the environment leads to a copy that goes away."""
        settings = settings_of_host()
        if settings:
            self._write("pip.conf", settings)
        requirements = self._write("requirements.txt", [*request.requirements, *request.packages])
        constraints = self._write("constraints.txt", request.constraints)
        cwd, scratch = bot.folder / bot.base if bot else self.path, self.home / "source"
        if bot and bot.installs_itself:
            asked_as(self.owner, lambda: local_sources.copy(bot.folder, scratch))
            cwd = scratch / bot.base
        self._run(
            [*install, "-r", requirements, "-c", constraints], "the bot's requirements do not install", cwd
        )
        if not bot or not bot.is_linked:
            return None
        compiled = asked_as(self.owner, lambda: local_sources.compiled_into(scratch, bot.folder))
        if compiled:
            raise EnvironmentFailed(
                f"{self.path}: `-e` compiles {compiled[0]} into the bot's folder, which nobody may change. Ask for it"
                " without -e."
            )
        return Moved(str(scratch), str(bot.folder))

    def _check_that_it_starts(self) -> None:
        """As the user who runs it: we never start it."""
        how, _ = contained.run(self._program([str(self.path / "bin/python"), "-I", "-c", ""]), self.deadline)
        if how != WELL:
            raise EnvironmentFailed(
                f"{self.path}: the bot's requirements install, but then its Python does not start: one of them has"
                " replaced or broken it. Do without that one: -e bot_leave_out=name"
            )

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

    def _program(self, argv: Sequence[str], cwd: Path | None = None) -> Program:
        seen = environment({**os.environ, **self.given}, self.home)
        return Program(argv, cwd or self.path, seen, self.owner, [self.lock], self.owner_is_idle)

    def _run(self, argv: Sequence[str], failure: str, cwd: Path | None = None) -> None:
        how, output = contained.run(self._program(argv, cwd), self.deadline)
        if how == TOO_SLOW:
            do = "Look at the way to the package index, then run again."
            raise EnvironmentFailed(f"{self.path}: {failure}: it took too long, and was ended. {do}")
        if how == STILL_THERE:
            raise EnvironmentFailed(
                f"{self.path}: a process that the bot's requirements started cannot be ended, so they were not taken."
                " Look at what runs as the bots' user, end it, then run again."
            )
        if how == FAILED:
            raise EnvironmentFailed(explain(failure, self.path, without_secrets(output, self.given)))
