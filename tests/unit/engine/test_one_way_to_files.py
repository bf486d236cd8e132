"""Root opens, lists and changes a bot's files through one door: the engine is read, and each other call has a reason.

The door is ``store/bare_python/no_links.py`` (one file or folder), ``tree_walk.py``, ``flat_removal.py`` and
``store/tree_copy.py`` (a tree), with what is built on them (``observe/bot_files.py``, ``store/deletion.py``). Whoever
adds a call by name that this test finds asks: may a bot put something else under that name meanwhile, or is it a pipe?
"""

import ast
import functools
from pathlib import Path

import pytest

import fleet_stress

ENGINE = Path(fleet_stress.__file__).parent

#: What opens, lists or changes what a name leads to. What works on an open descriptor (``fchown``) is not in question,
#: nor is what only looks (``lstat``).
OF_MODULES = {
    "os": {
        *("open", "chown", "lchown", "chmod", "lchmod", "mkdir", "makedirs", "rename", "renames", "replace"),
        *(
            "walk",
            "fwalk",
            "listdir",
            "scandir",
            "unlink",
            "remove",
            "rmdir",
            "removedirs",
            "link",
            "symlink",
        ),
        *("truncate", "utime", "mknod", "mkfifo"),
    },
    "shutil": {
        *("copy", "copy2", "copyfile", "copymode", "copystat", "copytree", "move", "rmtree", "chown"),
        *("make_archive", "unpack_archive"),
    },
    "tarfile": {"open"},
    "gzip": {"open"},
    "io": {"open"},
    "glob": {"glob", "iglob"},
}
OF_PATHS = {
    *(
        "open",
        "read_text",
        "write_text",
        "read_bytes",
        "write_bytes",
        "mkdir",
        "rmdir",
        "unlink",
        "touch",
        "chmod",
    ),
    *(
        "lchmod",
        "rename",
        "replace",
        "symlink_to",
        "hardlink_to",
        "link_to",
        "iterdir",
        "glob",
        "rglob",
        "walk",
    ),
}
#: Modules whose functions of these names are the door, or no files at all.
NOT_FILES = {"no_links", "flat_removal", "webbrowser", "system", "dataclasses"}

EVIDENCE = "in the evidence, which is root's alone (0700)"
SCRATCH = "in the arena's `fault` folder, where only root makes names; or a temporary folder of our own"
ARENA = "names in the arena itself, where only root makes them"
#: Rooms and files that go to files by their names, and why nobody can put anything else there.
ALLOWED = {
    "store/bare_python/no_links.py": "the door",
    "store/bare_python/tree_walk.py": "the door",
    "store/bare_python/flat_removal.py": "the door",
    "store/tree_copy.py": "the door",
    "store/deletion.py": f"{ARENA}: `put_back`",
    "store/bot_archive.py": "packs with the rights of the login, by descriptors; archives are root's alone (0700)",
    "store/bot_copy.py": "below `bots/`, where only root may write",
    "store/*.py": "our own documents, where only root may write",
    "store/bare_python/*.py": "our own documents, where only root may write",
    "judge/*.py": EVIDENCE,
    "recovery/**/*.py": "journals, leases, locks and records, which are root's alone (0600)",
    "run/*.py": "the run's folder, where only root may write",
    "run/leftovers.py": "lists whose files are in shared folders, opens none, and says only what is the bots' user's",
    "__main__.py": "the run's folder, where only root may write",
    "system/linux/*.py": "files of the kernel",
    "system/darwin/*.py": "volumes and records of our own, where only root may write",
    "system/cage.py": "files of the kernel",
    "system/cgroups.py": "files of the kernel",
    "system/memory_cgroup.py": "files of the kernel",
    "system/process.py": "files of the kernel",
    "system/jobs.py": "lists spools of cron and at, which are root's, and opens no file in them",
    "system/network/*.py": SCRATCH,
    "system/daemon.py": "the run's folder, where only root may write",
    "system/fake_clock.py": f"{SCRATCH}; in /dev/shm it takes names away, which follows no link",
    "system/ram_volume.py": "one new file of ours (O_EXCL, O_NOFOLLOW) in a folder that root named",
    "faulty_fs/server/*.py": "by descriptors of folders and with the rights of who asks (setfsuid)",
    "faulty_fs/power_cut/*.py": "by descriptors of folders, and in a folder that only root may enter",
    "faulty_fs/shipped/**/*.py": "runs in the bot's own processes, with its rights",
    "observe/in_bot/*.py": "runs in the bot's own processes, with its rights",
    "observe/explained_memory.py": f"{SCRATCH}: the bot's are only the files in `records`, read through the door",
    "faulty_fs/attempt.py": SCRATCH,
    "faulty_fs/mount.py": f"{SCRATCH}; {EVIDENCE}",
    "faulty_fs/shim.py": f"{SCRATCH}: the bot's are only the files in `records`, read through the door",
    "faults/disk/by_fuse.py": f"{ARENA}; O_NOFOLLOW",
    "faults/disk/by_python.py": SCRATCH,
    "faults/disk/fill_pile.py": "new files of ours (O_EXCL, O_NOFOLLOW) in a folder that root named",
    "faults/disk/ram_volume.py": f"{ARENA}; a volume whose root is root's",
    "faults/disk/vanish.py": ARENA,
    "faults/disk/write_trial.py": "as the bots' user",
    "faults/error_sightings.py": EVIDENCE,
    "faults/process/clock.py": SCRATCH,
    "faults/process/dead_output.py": EVIDENCE,
    "faults/process/fake_module.py": f"{SCRATCH}: the bot's is only what is in `met`, read through the door",
    "faults/rivals/database_lock.py": EVIDENCE,
    "faults/rivals/reader.py": f"{SCRATCH}; {EVIDENCE}",
    "faults/rivals/reader_process.py": f"{SCRATCH}; {EVIDENCE}",
    "faults/rivals/second_instance.py": EVIDENCE,
    "observe/baseline_room.py": EVIDENCE,
    "observe/evidence.py": EVIDENCE,
    "observe/page_probe.py": EVIDENCE,
    "observe/sample_file.py": EVIDENCE,
    "observe/snapshot.py": EVIDENCE,
    "observe/under_way.py": EVIDENCE,
    "observe/sqlite.py": "a temporary folder of our own",
    "scenario/arena.py": EVIDENCE,
    "scenario/arena_process.py": f"{EVIDENCE}; documents of the run",
    "scenario/companions.py": f"{EVIDENCE}; {SCRATCH}",
    "scenario/crash_points/*.py": f"{EVIDENCE}; documents of the run",
    "scenario/folders.py": f"{ARENA}: before anybody else may enter it",
    "scenario/numbers_command.py": SCRATCH,
    "scenario/scenario_command.py": EVIDENCE,
    "scenario/taken_up.py": EVIDENCE,
}


def by_name(tree):
    """The calls in a module that go to a file by its name: line and what is called."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "open":
            yield node.lineno, "open"
        if not isinstance(node.func, ast.Attribute):
            continue
        whose, what = node.func.value, node.func.attr
        owner = whose.id if isinstance(whose, ast.Name) else ""
        if owner in OF_MODULES:
            if what in OF_MODULES[owner]:
                yield node.lineno, f"{owner}.{what}"
            continue
        # ``str.replace`` takes two words, ``datetime.replace`` named ones.
        is_files = what != "replace" or (len(node.args) == 1 and not node.keywords)
        if what in OF_PATHS and owner not in NOT_FILES and is_files:
            yield node.lineno, f".{what}"


@functools.cache
def found():
    """All such calls of the engine, by file."""
    return list(_found())


def _found():
    for path in sorted(ENGINE.rglob("*.py")):
        calls = list(by_name(ast.parse(path.read_text(encoding="utf-8"))))
        if calls:
            yield path, calls


@functools.cache
def _files(pattern):
    return frozenset(ENGINE.glob(pattern))


def allowed(path):
    return [pattern for pattern in ALLOWED if path in _files(pattern)]


def test_each_call_goes_through_the_door_or_has_a_reason():
    without = [
        f"{path.relative_to(ENGINE)}:{line}: {what}"
        for path, calls in found()
        if not allowed(path)
        for line, what in calls
    ]
    assert without == [], (
        "go through store/bare_python/no_links.py, or say above why nobody can be in the way"
    )


def test_no_reason_is_left_over():
    used = {pattern for path, _ in found() for pattern in allowed(path)}
    assert set(ALLOWED) - used == set()


#: What follows links, or calls itself for each folder in a folder: nobody needs it beside a bot's files.
NEVER = {
    "os.walk",
    "os.fwalk",
    "shutil.rmtree",
    "shutil.copytree",
    "shutil.copy",
    "shutil.copy2",
    "shutil.move",
}
NEVER |= {"os.makedirs", "os.chmod", "shutil.make_archive", "shutil.unpack_archive"}
#: The login's own folder, by descriptors and only so deep; without root, a folder that its own bot closed; control
#: groups, in which a bot can make none.
BUT = {
    ("store/bot_archive.py", "os.fwalk"),
    ("store/bare_python/flat_removal.py", "os.chmod"),
    ("system/cage.py", "os.walk"),
}


def test_what_goes_wrong_with_deep_trees_and_links_is_nowhere():
    assert {
        (str(path.relative_to(ENGINE)), what) for path, calls in found() for _, what in calls if what in NEVER
    } <= BUT


@pytest.mark.parametrize(
    "code",
    [
        *(
            "open(x)",
            "os.open(x, 0)",
            "path.open()",
            "folder.iterdir()",
            "shutil.copytree(a, b)",
            "x.replace(y)",
        ),
        *("Path(x).read_text()", "os.walk(x)", "a.b.chmod(0)", "os.mkdir(x, dir_fd=y)", "os.listdir(x)"),
    ],
)
def test_the_test_sees_them(code):
    assert list(by_name(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["x.replace('a', 'b')", "no_links.unlink(x)", "os.fchown(1, 2, 3)", "when.replace(hour=1)"]
)
def test_and_no_others(code):
    assert not list(by_name(ast.parse(code)))
