"""stress_host/processes.py: which living processes are in the way of a folder, and which are ours."""

import os
import subprocess
import sys

import pytest
from ansible.module_utils.stress_host import path_relation, processes


@pytest.fixture
def living():
    """``living(cwd=…, STATE_DIR=…)``: a process that lives until the end of the test."""
    started = []

    def start(*argv, cwd="/", ready=False, **environment):
        argv = argv or (sys.executable, "-c", "print(flush=True); input()")
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.stdin.close()
        process.stdout.close()
        process.wait()


# ---- one folder against another ----


@pytest.mark.parametrize(
    ("one", "lies", "other"),
    [
        ("a", "equal", "a"),
        ("a", "above", "a/b"),
        ("a/b", "below", "a"),
        ("a/b", None, "a/c"),
        ("a", None, "ab"),
        ("new", "equal", "new"),
        ("new", "above", "new/er"),
        ("new/er", "below", "new"),
        ("new/er", None, "new/st"),
        ("new", None, "a"),
        ("link", "equal", "a"),
        ("link/b", "below", "a"),
        ("link/new", "equal", "a/new"),
        ("a", "above", "link/new"),
    ],
)
def test_how_one_folder_lies_to_another(tmp_path, one, lies, other):
    for path in ("a/b", "a/c", "ab"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    assert path_relation.relation(f"{tmp_path}/{one}", f"{tmp_path}/{other}") == lies


def test_what_a_process_was_told_is_read_from_its_own_folder():
    assert processes.as_we_see("state", "/srv/bot", "") == "/srv/bot/state"
    assert processes.as_we_see("/data/../state", "/srv/bot", "") == "/state"
    assert processes.as_we_see("state", "/srv/bot", "/proc/7/root") == "/proc/7/root/srv/bot/state"


# ---- parsers ----


def test_only_the_asked_variables_of_an_environment_are_read():
    block = b"HOME=/root\0STATE_DIR=/srv/a=b\0LOG_DIR\0TOKEN=x\0STATE_DIR_2=/no\0"
    assert processes.parse_environment(block, ["STATE_DIR", "LOG_DIR"]) == {"STATE_DIR": "/srv/a=b"}
    assert processes.parse_environment(b"STATE_DIR=/\xff\0", ["STATE_DIR"]) == {
        "STATE_DIR": os.fsdecode(b"/\xff")
    }


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["/usr/bin/python3", "-u", "/srv/bot/main.py", "--token", "hunter2"], "python3 main.py"),
        (["nginx: worker"], "nginx: worker"),
        (["/bin/sh", "-c"], "sh"),
        (["", ""], "?"),
    ],
)
def test_a_process_is_named_without_its_secrets(argv, name):
    assert processes.short_name(argv) == name


def test_lsof_says_who_writes_below_the_folder():
    text = "p10\nfcwd\nn/srv/ours\nf3\naw\nn/srv/ours/state\nf4\nar\nn/srv/ours/read\np11\nf5\nau\n"
    text += "n/srv/ours/log\nf6\naw\nn/srv/ours2/x\nftxt\nn/srv/ours/binary\n"
    assert processes.parse_lsof(text, "/srv/ours") == {10: ["/srv/ours/state"], 11: ["/srv/ours/log"]}


def test_ps_says_words_by_pid():
    text = "    1 /sbin/launchd\n  712 python main.py STATE_DIR=/srv/a\n\nwarning: odd\n"
    assert processes.parse_ps(text) == {1: ["/sbin/launchd"], 712: ["python", "main.py", "STATE_DIR=/srv/a"]}


def test_without_proc_ps_and_lsof_are_asked(monkeypatch):
    said = {
        "-axEww": "10 python main.py STATE_DIR=/srv/ours/a\n11 /srv/ours/engine/x/bin/python STATE_DIR=/srv/ours\n"
        "12 python STATE_DIR=/srv/ours FLEET_STRESS_RUN=r/s\n13 python STATE_DIR=/srv/ours\n14 vi\n15 cat\n",
        "-axo": "10 500\n13 777\n14 500\n15 500\n",
        "-w": "p14\nf3\naw\nn/srv/ours/notes\n",
    }

    def run(argv, **_):
        return subprocess.CompletedProcess(argv, 0, said[argv[1]])

    monkeypatch.setattr(processes.subprocess, "run", run)
    found = processes.other_processes(["STATE_DIR"], "/srv/ours", 777)
    assert {process.pid: (process.folders, process.writes) for process in found} == {
        10: ({"STATE_DIR": "/srv/ours/a"}, []),
        14: ({}, ["/srv/ours/notes"]),
    }


# ---- the judgement: in the way ----


def test_each_process_in_the_way_is_told_once_with_the_folder_that_tells(tmp_path):
    ours = tmp_path / "ours"
    living = [
        processes.Process(1, "apart", {"STATE_DIR": f"{tmp_path}/elsewhere"}, []),
        processes.Process(2, "both", {"STATE_DIR": f"{ours}/a", "LOG_DIR": str(tmp_path)}, [f"{ours}/file"]),
        processes.Process(3, "writer", {"LOG_DIR": f"{tmp_path}/elsewhere"}, [f"{ours}/file"]),
    ]
    assert processes.in_the_way(living, str(ours)) == [
        {"pid": 2, "name": "both", "variable": "STATE_DIR", "path": f"{ours}/a", "lies": "below"},
        {"pid": 3, "name": "writer", "variable": "", "path": f"{ours}/file", "lies": "below"},
    ]


# ---- living ones ----


@pytest.mark.linux
def test_a_living_bot_that_was_told_a_folder_in_ours_is_seen(living, tmp_path):
    folder = os.path.realpath(tmp_path)
    plain = living(STATE_DIR=f"{folder}/state")
    relative = living(STATE_DIR="state", cwd=folder)
    untold = living(OTHER=folder)
    marked = living(STATE_DIR=folder, FLEET_STRESS_RUN="r/s")

    found, _ = processes.linux_processes(["STATE_DIR"], folder, None)
    seen = {item["pid"]: item for item in processes.in_the_way(found, folder)}

    for process in (plain, relative):
        assert seen[process.pid]["path"] == f"{folder}/state"
        assert seen[process.pid]["lies"] == "below"
    assert untold.pid not in seen
    assert marked.pid not in seen


@pytest.mark.linux
def test_a_process_that_writes_there_is_seen_and_one_that_reads_is_not(living, tmp_path):
    folder = os.path.realpath(tmp_path)
    (tmp_path / "file").touch()
    code = "import sys; kept = open(sys.argv[1], sys.argv[2]); print(flush=True); input()"
    writer = living(sys.executable, "-c", code, f"{folder}/file", "a")
    reader = living(sys.executable, "-c", code, f"{folder}/file", "r")
    (tmp_path / "file").unlink()

    found, _ = processes.linux_processes([], folder, None)
    writes = {process.pid: process.writes for process in found}

    assert writes[writer.pid] == [f"{folder}/file"]
    assert reader.pid not in writes


@pytest.mark.linux
def test_whoever_called_us_and_the_bots_own_user_are_not_in_the_way(living, tmp_path):
    process = living(STATE_DIR=str(tmp_path))
    ours, _ = processes.linux_processes(["STATE_DIR", "PATH"], str(tmp_path), os.geteuid())
    seen, _ = processes.linux_processes(["STATE_DIR", "PATH"], str(tmp_path), None)

    assert process.pid not in {item.pid for item in ours}
    assert process.pid in {item.pid for item in seen}
    assert os.getpid() not in {item.pid for item in seen}


@pytest.mark.root
@pytest.mark.linux
def test_a_containers_folder_of_the_same_name_is_not_ours(tmp_path):
    """A process in another mount namespace writes below a folder that has our path, and is another one there."""
    ours = tmp_path / "ours"
    ours.mkdir()
    script = f"mount -t tmpfs none {ours} && exec 3>{ours}/file && echo ready && exec sleep 600"
    process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        found, _ = processes.linux_processes((), str(ours), None)
        assert [item for item in found if item.pid == process.pid] == []
    finally:
        process.kill()
        process.communicate()
