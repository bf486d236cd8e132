"""store/bare_python: what the engine and Ansible's modules both read; each file needs the standard library alone."""

import ast
import fcntl
import sys
from pathlib import Path

import pytest

from fleet_stress.store import bare_python
from fleet_stress.store.bare_python import halt_record, lock_holder, memory, mount_table

FILES = sorted(Path(bare_python.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_imports_the_standard_library_alone(path):
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    modules = [
        name
        for node in tree
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    ]
    assert {name.split(".")[0] for name in modules} <= sys.stdlib_module_names


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_halt_that_cannot_be_read_halts_as_well(tmp_path, content):
    (tmp_path / halt_record.NAME).write_text(content, errors="surrogateescape")
    assert halt_record.halted(tmp_path) == {"reason": "halted.json is damaged", "by": "?", "since": "?"}


def test_a_halt_without_all_of_its_words_has_question_marks(tmp_path):
    (tmp_path / halt_record.NAME).write_text('{"reason": "flood"}')
    assert halt_record.halted(tmp_path) == {"reason": "flood", "by": "?", "since": "?"}


def test_a_lock_is_held_as_long_as_somebody_has_it(tmp_path):
    path = tmp_path / lock_holder.HOST_LOCK
    assert lock_holder.holder_of(path) is None
    with path.open("w+") as lock:
        lock.write('{"run_id": "r1"}')
        lock.flush()
        assert lock_holder.holder_of(path) is None
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert lock_holder.holder_of(path) == {"run_id": "r1"}
        lock.truncate(3)
        assert lock_holder.holder_of(path) == {}
    assert lock_holder.holder_of(path) is None


def test_mount_points_of_linux_are_read_with_their_blanks():
    line = "36 35 98:0 / {} rw,noatime shared:1 - tmpfs a\\040b rw"
    text = "\n".join(line.format(point) for point in ("/", "/srv/b\\040c")) + "\ncut off"
    assert mount_table.of_linux(text) == [
        ("/", "tmpfs", "a b", "98:0", 36, 35),
        ("/srv/b c", "tmpfs", "a b", "98:0", 36, 35),
    ]


def test_mount_points_of_macos_are_read_with_their_blanks():
    text = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "devfs on /dev (devfs, local, nobrowse)\n"
        "/dev/disk8 on /usr/local/var/fs/runs/r 1/arenas/x (2) (hfs, local, nodev, nosuid)\n"
    )
    assert [(mount.point, mount.kind, mount.source) for mount in mount_table.of_macos(text)] == [
        ("/", "apfs", "/dev/disk3s1s1"),
        ("/dev", "devfs", "devfs"),
        ("/usr/local/var/fs/runs/r 1/arenas/x (2)", "hfs", "/dev/disk8"),
    ]


def test_available_memory_is_what_the_kernel_says():
    assert memory.available("MemTotal:  9 kB\nMemAvailable:    2048 kB\n") == 2 * 2**20
    assert memory.available("MemTotal:  9 kB\n") is None
