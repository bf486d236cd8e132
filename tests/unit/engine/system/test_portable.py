"""Nothing in the engine assumes Linux: it is read, and it is run where all that Linux alone has is gone."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fleet_controller.planning.compile_plan import compile_plan

ROOT = Path(__file__).parents[4]
ENGINE = ROOT / "fleet_stress"
#: Modules that are Linux's alone beside ``system/linux/``; each says so in its first words. On another system they
#: are imported, and what they are for is told to be missing.
LINUX_ONLY = ("system/network/iptables.py", "system/cgroups.py", "system/memory_cgroup.py")
LINUX_ONLY += ("system/network/nf_tables.py", "system/network/our_rules.py")
LINUX_ONLY += ("system/network/private_network.py", "system/fake_clock.py")
LINUX_ONLY += ("faults/disk/by_fuse.py", "faults/process/clock.py", "faulty_fs/**/*.py")
#: Of those what also runs in the shim. Where ``effects.py`` and ``record.py`` ask /proc, it has its own way.
NOT_LINUX_ONLY = ("faulty_fs/shipped/rules.py", "faulty_fs/shim.py", "faulty_fs/covered_folders.py")
#: What runs in the bot's Python, on every system, and must bring along nothing of the engine: it asks ``sys.platform``.
IN_A_BOT = "faulty_fs/shipped/python_shim/*.py"
#: What must not be found elsewhere, and why.
ASSUMED = {
    "a file of the Linux kernel or of its distributions": r"/proc\b|/sys/\w|/dev/(shm|fuse|loop)|/run/\w"
    r"|/etc/(hosts|nsswitch)",
    "a call that only Linux has": r"O_PATH|O_TMPFILE|sched_|pidfd|memfd|eventfd|inotify|\bepoll|prctl|unshare"
    r"|setns|splice|posix_fadvise|os\.fdatasync|[gs]etxattr|RLIMIT_(NICE|SIGPENDING|RT|MSG)|\bprlimit|CLOCK_BOOTTIME|pipe2|waitid",
    "the C library": r"\bCDLL\b",
    "a choice by system, which system/__init__.py makes": r"sys\.platform|os\.uname|os\.name\b"
    r"|platform\.system\(\) *[=!]",
    "a real-time signal, or a signal by its number": r"SIGRT|(?<!\w)(?:os\.kill|killpg|send_signal|raise_signal)"
    r"\([^()\n]*(?<![\w.])\d+\)",
    "a shell": r"\bbash\b|shell=True|[\"'](/bin/)?sh[\"']",
    "a program of the system, which system.programs starts": r"from fleet_stress\.system\.programs import"
    r"|programs\.run\b",
}


def elsewhere():
    own = {path for pattern in LINUX_ONLY for path in ENGINE.glob(pattern)}
    own -= {ENGINE / item for item in NOT_LINUX_ONLY}
    own |= {
        *ENGINE.glob("system/*.py"),
        *ENGINE.glob("system/darwin/*.py"),
        *ENGINE.glob("system/linux/*.py"),
        *ENGINE.glob(IN_A_BOT),
    }
    return sorted(set(ENGINE.rglob("*.py")) - own)


@pytest.mark.parametrize("what", ASSUMED)
def test_the_engine_assumes_nothing_of_one_system(what):
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in elsewhere()
        for number, line in enumerate(_code(path).splitlines(), 1)
        if re.search(ASSUMED[what], line)
    ]
    assert found == []


def _code(path):
    """Without comments and docstrings: they may speak of systems."""
    text = path.read_text(encoding="utf-8")
    blank = lambda found: "\n" * found[0].count("\n")  # noqa: E731
    return re.sub(r"#[^\n]*", "", re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""', blank, text))


def test_what_macos_does_is_in_its_own_files_and_assumes_no_linux_either():
    words = (
        ASSUMED["a file of the Linux kernel or of its distributions"],
        ASSUMED["a call that only Linux has"],
    )
    for path in ENGINE.glob("system/darwin/*.py"):
        assert not [word for word in words if re.search(word, _code(path))], path


@pytest.mark.parametrize("pattern", LINUX_ONLY)
def test_what_is_linux_s_alone_says_so_in_its_first_words(pattern):
    for path in ENGINE.glob(pattern):
        told = ENGINE / "faulty_fs/__init__.py" if "faulty_fs" in path.parts else path
        assert "Linux" in told.read_text().split('"""')[1], told


def test_the_patterns_find_what_they_are_for():
    """Each finds something where it may be."""
    allowed = sorted(set(ENGINE.rglob("*.py")) - set(elsewhere()))
    planted = "SIGRTMIN\nos.kill(pid, 15)\nbash\nos.name\nprograms.run\n/proc/self\nO_PATH"
    text = "\n".join([planted, *(path.read_text() for path in allowed)])
    assert [what for what, pattern in ASSUMED.items() if not re.search(pattern, text)] == []


#: First of all in its process: what Linux alone has is gone.
SEALED = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "plugins")!r}]
from tests.doubles.darwin_python import seal
seal(numbers=True)
"""


def sealed(code, *arguments, folder=None):
    done = subprocess.run(
        [sys.executable, "-c", SEALED + code, *map(str, arguments)],
        cwd=folder or ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.linux
def test_what_is_gone_is_gone(tmp_path):
    sealed("""
import ctypes, os, pathlib, platform, signal, subprocess
assert (sys.platform, platform.system(), int(signal.SIGUSR1)) == ("darwin", "Darwin", 30)
for look in (open, os.stat, os.listdir, lambda one: pathlib.Path(one).read_text()):
    try:
        look("/proc/self/status")
    except FileNotFoundError:
        continue
    raise SystemExit(f"{look} sees /proc")
assert not hasattr(os, "sched_getaffinity") and not hasattr(os, "O_PATH")
assert not hasattr(ctypes.CDLL(None), "prctl") and hasattr(ctypes.CDLL(None), "kill")
assert subprocess.run(["true"]).returncode == 0
""")


@pytest.mark.linux
def test_every_module_of_the_engine_is_imported_where_linux_is_not(tmp_path):
    said = sealed("""
import importlib, pathlib
from fleet_stress import system
engine = pathlib.Path(system.__file__).parents[1]
for path in sorted(engine.rglob("*.py")):
    name = ".".join(path.relative_to(engine.parent).with_suffix("").parts)
    # The first is its own; the others need libfuse3, or begin at once: they are for another process's start.
    own = "/linux" in str(path) or path.stem in ("lowlevel", "passthrough", "sitecustomize")
    if not own and not name.endswith("__main__"):
        importlib.import_module(name.removesuffix(".__init__"))
print(sorted(one for one in sys.modules if one.startswith("fleet_stress.system.")))
""")
    assert "fleet_stress.system.darwin.kernel" in said
    assert "linux" not in said


@pytest.mark.linux
def test_a_host_without_linux_says_of_each_row_whether_it_can(tmp_path):
    """The whole catalogue, as ``abilities`` is asked before a run: an answer for each, and a reason where it is no."""
    plan = compile_plan(
        run_id="r",
        host="mac",
        bot="reference",
        profile="smoke",
        scenarios="all",
        facts={"cores": 2, "memory_mb": 4000},
        stress_dir=str(tmp_path),
        user="nobody",
        copy="/nowhere",
        python=sys.executable,
    )
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    said = sealed(
        """
import json
from fleet_stress.run.capabilities import all_unable
print(json.dumps(all_unable(json.load(open(sys.argv[1])))))
""",
        tmp_path / "plan.json",
    )
    unable = json.loads(said.splitlines()[-1])
    able = {"sigterm", "sigkill_restart", "corrupt_ledger", "proxy_close", "numpy_import_error"}
    able |= {"exchange_500", "state_vanishes", "reader_polls"}
    assert not able & set(unable)
    assert all(answer["reason"] and answer["enable"] for answer in unable.values())


#: Tests of what is pure in the engine: they look at no system, so they hold on each.
PURE = ("judge", "faults/test_links.py", "run/test_archive.py", "run/test_schedule.py")
PURE += tuple(f"store/test_{item}.py" for item in ("bot_copy", "layout", "sizes"))
PURE += tuple(f"recovery/test_{item}.py" for item in ("host_lock", "journal", "lease", "undo"))
PURE += tuple(
    f"observe/test_{item}.py"
    for item in ("bot_files", "evidence", "line_counter", "snapshot", "sqlite", "stray_writes")
)


@pytest.mark.linux
@pytest.mark.slow
def test_what_is_pure_holds_where_linux_is_not(tmp_path):
    unit = ROOT / "tests/unit/engine"
    paths = [str(unit / item) for item in PURE]
    said = sealed(
        """
import pytest
sys.exit(pytest.main(["-p", "no:xdist", "-v", "--no-header", "-m", "not linux", *sys.argv[1:]]))
""",
        f"--basetemp={tmp_path / 'inner'}",
        # It forks by multiprocessing, which on macOS begins each process anew: half a minute, for nothing of ours.
        f"--deselect={unit / 'recovery/test_journal.py'}::test_several_processes_do_not_mix_their_lines",
        # Ours against the statistics of others, which take longer to import than all else here.
        f"--ignore={unit / 'judge/trend/test_against_others.py'}",
        *paths,
    )
    assert int(re.search(r"(\d+) passed", said)[1]) > 200
