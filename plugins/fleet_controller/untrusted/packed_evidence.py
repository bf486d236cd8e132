"""Evidence of rows that passed is kept packed, one archive for each: it is most of a run's results, and rarely read.

``hosts/lab01/evidence/sigterm`` is a folder, or packed, ``sigterm.tar.gz`` in its place; both are read. An archive may
have come from another controller, so it is unpacked within the limits of a host's.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from fleet_controller.untrusted.atomic_files import write_bytes_atomic
from fleet_controller.untrusted.unpack import Hostile, NoRoom, unpack

PACKED = ".tar.gz"
_EVIDENCE = "evidence"


def where(run_folder: Path, path: str) -> str | None:
    """Where a scenario's evidence is, below the run's folder: ``path`` itself, or packed; None: nowhere."""
    if (run_folder / f"{path}{PACKED}").is_file():
        return f"{path}{PACKED}"
    return path if (run_folder / path).is_dir() else None


@contextlib.contextmanager
def unpacked(evidence: Path, *, deep: bool = True) -> Iterator[Path]:
    """A folder with the evidence, for as long as this lasts; of what cannot be unpacked, one that is not there.

    ``deep``: with what lies in folders of it, such as snapshots; they are most of it.
    """
    folder = evidence.with_name(evidence.name.removesuffix(PACKED))
    if folder.is_dir() or not evidence.name.endswith(PACKED):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="fleet-stress-") as place:
        target = Path(place, folder.name)
        try:
            unpack(evidence, target, deep=deep)
        except (Hostile, NoRoom, OSError):
            target = Path(place, "damaged")
        yield target


def pack(host: Path, passed: Collection[str]) -> None:
    """Let exactly the scenarios that passed have an archive; what has none then, has a folder. Repeatable.

    ``host``: a host's folder in the results. Folders stay, for whoever reads them next. Raises OSError, Hostile and
    NoRoom.
    """
    for name in passed:
        folder = host / _EVIDENCE / name
        archive = _archive(folder)
        if folder.is_dir() and not archive.is_file():
            write_bytes_atomic(archive, _packed(folder))
    for archive in _archives(host):
        if _folder(archive).name not in passed:
            _unpack_beside(archive)
            archive.unlink()


def drop_folders(host: Path) -> None:
    """Remove the folders of what is packed. Raises OSError."""
    for archive in _archives(host):
        if _folder(archive).is_dir():
            shutil.rmtree(_folder(archive))


def unpack_all(host: Path) -> None:
    """Let all evidence have its folder again, as long as it is judged. Raises OSError, Hostile, NoRoom."""
    for archive in _archives(host):
        _unpack_beside(archive)


def _archives(host: Path) -> list[Path]:
    return sorted((host / _EVIDENCE).glob(f"*{PACKED}"))


def _archive(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{PACKED}")


def _folder(archive: Path) -> Path:
    return archive.with_name(archive.name.removesuffix(PACKED))


def _unpack_beside(archive: Path) -> None:
    """Whole, or not at all."""
    folder = _folder(archive)
    if folder.is_dir():
        return
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".unpacking-") as place:
        target = Path(place, folder.name)
        unpack(archive, target)
        target.rename(folder)


def _packed(folder: Path) -> bytes:
    """The same files give the same bytes."""
    stream = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                member = tarfile.TarInfo(str(path.relative_to(folder)))
                with path.open("rb") as source:
                    member.size = path.stat().st_size
                    archive.addfile(member, source)
    return stream.getvalue()
