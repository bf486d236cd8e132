"""What a host costs the controller: tasks, ssh commands and CPU seconds of one warm run. Printed for docs/scale-out.md.

python -m tools.controller_cost inventory/lab.yml [SCENARIOS]
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
_RECAP = re.compile(
    r"^(\S+) +: ok=(\d+) +changed=\d+ +unreachable=\d+ +failed=\d+ +skipped=(\d+)", re.MULTILINE
)


def play(inventory: str, scenarios: str, results: str, *arguments: str) -> tuple[str, float, float]:
    """All that was said, seconds, and CPU seconds of the controller."""
    program, hosts = str(ROOT / ".venv/bin/ansible-playbook"), str(Path(inventory).resolve())
    command = [program, "stress.yml", "-i", hosts]
    command += ["-e", f"scenarios={scenarios}", "-e", f"stress_results_dir={results}", *arguments]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # Ansible's own callback counts the tasks.
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout[-4000:] + done.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, time.monotonic() - began, cpu


def main(inventory: str, scenarios: str = "sigterm") -> None:
    """Once to provision, once to measure, once to count what goes over ssh (which talks much, and so costs more)."""
    with tempfile.TemporaryDirectory() as results:
        play(inventory, scenarios, results)
        said, seconds, cpu = play(inventory, scenarios, results)
        loud, *_ = play(inventory, scenarios, results, "-vvv")
    hosts = {name: int(ok) + int(skipped) for name, ok, skipped in _RECAP.findall(said)}
    tasks = sorted(hosts.values())[len(hosts) // 2]
    print(
        f"hosts {len(hosts)}  tasks a host {tasks}  ssh commands a host {loud.count('SSH: EXEC') / len(hosts):.1f}"
    )
    print(f"controller CPU {cpu:.1f} s, {cpu / len(hosts):.2f} s a host  wall {seconds:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
