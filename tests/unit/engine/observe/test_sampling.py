"""Samples: what the system says of a bot and its children, not more often than asked for, and bounded."""

import io
import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.observe import sample_file, sampling, under_way
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.sampling import Sampling
from fleet_stress.store import sample_lines
from fleet_stress.system import process, tree

#: Holds memory and files, has a thread and a child, uses some processor time; says when it is ready.
BOT = """
import subprocess, sys, threading, time
held = bytearray(30_000_000)
files = [open("/dev/null") for _ in range(40)]
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
child = subprocess.Popen(["sleep", "600"])
while time.process_time() < 0.2: pass
print("ready", flush=True)
child.wait()
"""


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", "told", "9")


@pytest.fixture
def bot():
    started = subprocess.Popen([sys.executable, "-c", BOT], stdout=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "ready\n"
    yield {"n": 2, "pid": started.pid}
    process.end_all(process.descendants(started.pid))
    started.kill()
    started.wait()
    started.stdout.close()


def samples(evidence):
    return sample_file.read(evidence.folder)


def sampling_of(evidence, every, bot):
    return Sampling(evidence, every, lambda: tree.of(bot["pid"]))


def test_what_is_seen(evidence, bot):
    sampling_of(evidence, 60.0, bot).look(bot, cycles=7)

    [sample] = samples(evidence)
    assert (sample["start"], sample["cycles"]) == (2, 7)
    assert sample["rss"] > 30_000_000
    if sys.platform == "linux":
        assert 30_000_000 < sample["private"] < sample["rss"]
        assert 30_000_000 < sample["anonymous"] <= sample["uss"] <= sample["pss"] < sample["rss"]
    assert 43 <= sample["handles"] < 80
    assert (sample["threads"], sample["processes"]) == (3, 2), "two of the bot's and its child's"
    assert sample["cpu"] >= 0.19
    assert 0 < sample["host_idle"] < sample["host_time"]


def test_the_host_s_time_is_that_of_its_processors(evidence, bot):
    sampler = sampling_of(evidence, 0.0, bot)
    began = time.monotonic()
    sampler.look(bot, 1)
    time.sleep(0.3)
    sampler.look(bot, 2)
    wall = time.monotonic() - began

    first, second = samples(evidence)
    spent = second["host_time"] - first["host_time"]
    # The kernel counts in ticks of a hundredth, for each processor.
    assert spent <= (wall + 0.1) * psutil.cpu_count() + 0.1
    assert spent > 0.1
    assert 0 <= second["host_idle"] - first["host_idle"] <= spent + 0.05


def test_not_more_often_than_asked_for(evidence, bot):
    sampler = sampling_of(evidence, 3600.0, bot)
    for _ in range(3):
        sampler.look(bot, 1)
    assert len(samples(evidence)) == 1


def test_a_bot_that_is_gone_gives_no_sample(evidence):
    gone = subprocess.Popen(["true"])
    gone.wait()
    start = {"n": 1, "pid": gone.pid}
    sampling_of(evidence, 0.0, start).look(start, 1)
    assert samples(evidence) == []


def test_a_day_stays_a_page(evidence, monkeypatch):
    monkeypatch.setattr(sample_lines, "SAMPLE_LIMIT", 10)
    monkeypatch.setattr(sampling, "PROCESSES_SHARE", 1e9)  # however dear this process is to look at
    start = {"n": 1, "pid": os.getpid()}
    sampler = sampling_of(evidence, 0.0, start)
    for cycle in range(40):
        sampler.look(start, cycle)

    cycles = [sample["cycles"] for sample in samples(evidence)]
    assert len(cycles) <= 10
    assert cycles == sorted(cycles)
    assert cycles[0] == 0
    assert cycles[-1] >= 30, "the newest stay"


#: Starts a child that uses half a second of the processor, waits for it, and says so.
SPENDS = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}]); print('over', flush=True); input()"
)
BURNS = "import time\nwhile time.process_time() < 0.5: pass"


@pytest.mark.linux
def test_the_time_of_a_child_that_has_ended_is_not_lost(evidence):
    argv = [sys.executable, "-c", SPENDS.format(BURNS)]
    started = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "over\n"
    start = {"n": 1, "pid": started.pid}
    sampling_of(evidence, 0.0, start).look(start, 1)
    started.communicate("\n")

    [sample] = samples(evidence)
    assert sample["processes"] == 1
    # The kernel tells user and system time in whole ticks, each rounded down.
    assert sample["cpu"] >= 0.5 - 2 / os.sysconf("SC_CLK_TCK")


def test_one_that_ends_just_now_takes_no_sample_along(evidence):
    gone = subprocess.Popen(["true"])
    handles = [psutil.Process(gone.pid), psutil.Process()]
    gone.wait()
    Sampling(evidence, 0.0, lambda: handles).look({"n": 1}, 1)

    [sample] = samples(evidence)
    assert sample["processes"] == 1


def test_the_size_of_its_folders(evidence, tmp_path):
    (tmp_path / "state/old").mkdir(parents=True)
    (tmp_path / "state/ledger.json").write_bytes(b"{}" * 50)
    (tmp_path / "state/old/ledger.json").write_bytes(b"{}")
    folders = {"state": tmp_path / "state", "log": tmp_path / "missing"}
    Sampling(evidence, 0.0, lambda: [psutil.Process()], lambda: folders).look({"n": 1}, 1)

    [sample] = samples(evidence)
    assert (sample["state_bytes"], sample["state_files"], sample["log_bytes"]) == (102, 2, None)


def test_a_bot_that_is_dear_to_look_at_is_looked_at_less_often(evidence, monkeypatch):
    """Its own processor time counts, which no other process can use up: here half a second for each look."""
    clock, spent = iter(range(1_000)), iter(n * 0.5 for n in range(1_000))
    monkeypatch.setattr(sampling.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sampling.time, "thread_time", lambda: next(spent))
    sampler = sampling_of(evidence, 1.0, {"pid": os.getpid()})
    for _ in range(200):
        sampler.look({"n": 1}, 1)

    assert 1 <= len(samples(evidence)) <= 3
    assert evidence.document["sampler"]["cpu"] > 0


def test_samples_survive_who_took_them(evidence):
    """The file goes on after a torn line, which costs only itself."""
    sampling_of(evidence, 0.0, {"pid": os.getpid()}).look({"n": 1}, 1)
    with (evidence.folder / "samples.jsonl").open("a") as lines:
        lines.write('{"start":1,"at":3')
    sampling_of(evidence, 0.0, {"pid": os.getpid()}).look({"n": 2}, 5)

    assert [(sample["start"], sample["cycles"]) for sample in samples(evidence)] == [(1, 1), (2, 5)]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\n",
        b"[1]\n",
        b"[" * 1_900 + b"\n",
        b'{"start":1,"at":NaN,"wall":1,"cycles":1}\n',
        b'{"start":1,"at":1,"wall":1}\n',
        b'{"start":1,"at":1,"wall":1,"cycles":1,"more":"' + b"x" * 2_000 + b'"}\n',
    ],
)
def test_what_is_no_sample_is_passed_over(line):
    good = b'{"start":1,"at":1.5,"wall":7,"cycles":1,"rss":"many","handles":3,"else":1}\n'
    [sample] = sample_lines.read(io.BytesIO(line + good))
    assert (sample["at"], sample["rss"], sample["handles"]) == (1.5, None, 3)
    assert "else" not in sample


def test_a_run_under_way_shows_how_its_memory_went(evidence, tmp_path):
    lines = [{"start": 1, "at": n, "wall": n, "cycles": n, "rss": n * 1_000} for n in range(1, 201)]
    (evidence.folder / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "another").mkdir()

    [curve] = under_way.curves(tmp_path)

    assert (curve["scenario"], curve["hours"], curve["cycles"]) == ("evidence", 0.056, 200)
    assert len(curve["rss"]) == 40
    assert curve["rss"][-1] == 200_000


def test_what_the_host_has_is_told_once(evidence, bot):
    sampling_of(evidence, 60.0, bot)

    assert 0 < evidence.document["sampler"]["host_memory"] <= psutil.virtual_memory().total
