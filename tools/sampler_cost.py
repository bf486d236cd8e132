"""What sampling costs the host: ``python -m tools.sampler_cost``.

Samples a bot once a second, of so many processes with so much memory and so many files; prints the processor time
that the sampler used for it, as it counts it itself and as the kernel does for its process (which does nothing else).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.sampling import Sampling
from fleet_stress.system import tree

#: The bot: it holds memory, starts the others, and then sleeps until its input ends.
_BOT = """
import subprocess, sys
held, more = bytearray(b"x" * int(sys.argv[1]) * 1_000_000), int(sys.argv[2])
more and subprocess.Popen([sys.executable, "-c", sys.argv[3], sys.argv[1], str(more - 1), sys.argv[3]])
print("ready", flush=True)
sys.stdin.read()
"""


def main() -> int:
    """Measure, and print one line for each second of what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.sampler_cost")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--megabytes", type=int, default=100, help="of each process")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--files", type=int, default=200, help="in the state folder")
    words = parser.parse_args()
    argv = [sys.executable, "-c", _BOT, str(words.megabytes), str(words.processes - 1), _BOT]
    with tempfile.TemporaryDirectory(prefix="fleet-stress-sampler-") as name:
        folder = Path(name)
        (folder / "state").mkdir()
        for number in range(words.files):
            (folder / f"state/{number}.json").write_text("{}")
        bot = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            _until_all_run(bot, words.processes)
            _measure(bot.pid, folder, words.seconds)
        finally:
            bot.communicate()
    return 0


def _until_all_run(bot: subprocess.Popen[str], processes: int) -> None:
    assert bot.stdout is not None
    for _ in range(processes):
        bot.stdout.readline()


def _measure(pid: int, folder: Path, seconds: float) -> None:
    evidence = Evidence(folder / "evidence", "cost", "2")
    sampling = Sampling(evidence, 1.0, lambda: tree.of(pid), lambda: {"state": folder / "state"})
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        sampling.look({"n": 1}, 0)
        time.sleep(1.0)
    wall, by_kernel = time.monotonic() - began, time.process_time() - used
    cost = evidence.document["sampler"]
    print(
        f"{cost['samples']} samples in {wall:.0f} s: {cost['cpu'] / cost['samples'] * 1e3:.2f} ms of a processor each"
    )
    print(
        f"{cost['cpu'] / wall:.2%} of one processor by its own count, {by_kernel / wall:.2%} by the kernel's"
    )


if __name__ == "__main__":
    sys.exit(main())
