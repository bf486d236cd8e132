"""What hosts need of the engine, gathered on the controller: the project's wheel, what it needs, and pip, per platform.

What is in the cache is complete (renamed into place), so any number of hosts may ask for it side by side; what
is not is made by one of them while the others wait. A platform is ``system/machine/libc``.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

#: The oldest Python that the engine runs on; psutil's wheels hold for that and all newer ones.
OLDEST_PYTHON = "3.9"


class GatherError(Exception):
    """A wheel could not be made or fetched; the message says why and what to do."""


def tags(platform: str) -> list[str]:
    """Names under which wheels for ``system/machine/libc`` go, for pip's --platform."""
    system, machine, libc = platform.split("/")
    if system == "Darwin":
        # From each system version on that Python 3.9 and newer run on.
        versions = [f"{major}_0" for major in range(26, 10, -1)]
        versions += [f"10_{minor}" for minor in range(16, 8, -1)] if machine == "x86_64" else []
        return [f"macosx_{version}_{kind}" for version in versions for kind in (machine, "universal2")]
    if libc == "musl":
        return [f"musllinux_1_{minor}_{machine}" for minor in (2, 1)]
    old = [f"manylinux2010_{machine}", f"manylinux1_{machine}"] if machine in ("x86_64", "i686") else []
    return [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", *old]


def project_files(project: Path) -> list[Path]:
    """What the project's wheel is made from."""
    engine = sorted(path for path in (project / "fleet_stress").rglob("*") if path.is_file())
    files = [path for path in engine if "__pycache__" not in path.parts]
    return [
        *files,
        *(
            path
            for path in map(project.__truediv__, ("pyproject.toml", "README.md", "LICENSE"))
            if path.is_file()
        ),
    ]


def digest(*parts: Path | str) -> str:
    """A short hash over words and the content of files."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        total.update(b"\0")
    return total.hexdigest()[:12]


def cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder; unless it is there, made by one process, beside its place, and renamed into it."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if folder.is_dir():  # another one made it while we waited
            return folder
        making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
        try:
            making.chmod(0o755)
            make(making)
            making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time makes a folder. Whoever dies gives the lock free."""
    descriptor = os.open(folder.parent / f".{folder.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def pip(*arguments: str) -> None:
    """Run the controller's pip, isolated: Ansible's working folder is whatever folder the command was given in."""
    argv = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        *arguments,
    ]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
        last_lines = "\n  ".join(lines[-6:] or done.stdout.splitlines()[-6:])
        raise GatherError(
            f"on the controller `pip {arguments[0]}` failed; pip said:\n  {last_lines}\nWhat to do: run Ansible in the"
            " project's environment (make), with a way to a package index (PIP_INDEX_URL) or a folder of wheels"
            " (PIP_FIND_LINKS)."
        )


def project_wheel(project: Path, cache: Path) -> Path:
    """The engine as a wheel, built from a copy: a build leaves traces where it runs."""
    files = project_files(project)
    names = [str(path.relative_to(project)) for path in files]

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            for path, name in zip(files, names, strict=True):
                target = Path(scratch, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
            pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), scratch)

    return cached(cache / f"project-{digest(*names, *files)}", make)


def fetched_wheels(platform: str, lock: Path, cache: Path) -> Path:
    """The locked wheels for a platform."""

    def make(folder: Path) -> None:
        choice = [f"--platform={tag}" for tag in tags(platform)]
        choice += [f"--python-version={OLDEST_PYTHON}", "--implementation=cp", "--abi=abi3", "--abi=none"]
        wanted = ["--require-hashes", "--only-binary=:all:", "--dest", str(folder), "-r", str(lock)]
        try:
            pip("download", *wanted, *choice)
        except GatherError as problem:
            missing = re.findall(r"No matching distribution found for (\S+)", str(problem))
            if missing:
                raise GatherError(
                    f"there is no wheel of {', '.join(missing)} for {platform}: such hosts cannot be used. Leave"
                    " them out (-l), or bring a wheel by PIP_FIND_LINKS and its hash in requirements/host.lock."
                ) from None
            raise

    return cached(cache / f"{platform.replace('/', '-')}-{digest(lock)}", make)


def bundle(platform: str, project: Path, lock: Path, cache: Path) -> dict[str, Any]:
    """One folder with everything for one platform: what is copied to its hosts."""
    if not re.fullmatch(r"\w+/\w+/\w+", platform):
        raise GatherError(
            f"{platform!r} is no platform: write system/machine/libc, Linux/x86_64/glibc for example"
        )
    parts = [project_wheel(project, cache), fetched_wheels(platform, lock, cache)]
    files = sorted(path for part in parts for path in part.glob("*.whl"))
    key = digest(*(part.name for part in parts))

    def make(folder: Path) -> None:
        for path in files:
            os.link(path, folder / path.name)

    folder = cached(cache / key, make)
    return {"folder": str(folder), "key": key, "files": [path.name for path in files]}


def made_from(project: Path, lock: Path) -> str:
    """A short hash that changes when what a host would be given does, whatever its platform."""
    files = project_files(project)
    return digest(*(str(path.relative_to(project)) for path in files), *files, lock)


def on_host(wheels: Mapping[str, Any], stress_dir: str, stored: Sequence[str]) -> dict[str, Any]:
    """Where a host's wheels lie, there and here.

    Args:
        wheels: What ``bundle`` returned for the host's platform.
        stress_dir: The folder on the host that is ours.
        stored: What the host has already, relative to ``stress_dir``.

    Returns:
        ``source`` (folder on the controller), ``folder`` on the host, names of the wheels that are ``missing``
        there, and the paths of ``pip`` and of all ``others`` there.
    """
    relative = f"wheels/{wheels['key']}"
    folder = f"{stress_dir}/{relative}"
    pips = [name for name in wheels["files"] if name.startswith("pip-")]
    return {
        "source": wheels["folder"],
        "folder": folder,
        "missing": [name for name in wheels["files"] if f"{relative}/{name}" not in stored],
        "pip": f"{folder}/{pips[0]}",
        "others": [f"{folder}/{name}" for name in wheels["files"] if name not in pips],
    }
