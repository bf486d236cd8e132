"""One look at a host: a single command, since each costs the controller an ssh of its own."""

from __future__ import annotations

import json
import secrets
from typing import Any, NamedTuple

#: What is asked for, in this order. Each is shell, and may use $dir, $user and $python.
QUESTIONS = {
    "login": 'echo "${SUDO_USER:-$(id -un)}"',
    "uid": 'id -u "$user"',
    "folder": 'ls -ld "$dir"',
    "marker": 'cat "$dir/.fleet-stress"',
    "version": '"$python" -I -c "import fleet_stress; print(fleet_stress.__version__)"',
    "left": '"$python" -I -m fleet_stress leftovers --stress-dir "$dir" --user "$user" || echo "exit code $?"',
    "asker": "id -u",
    "namespace": "readlink /proc/self/ns/pid",
    # Several times: one that ends and starts itself anew all the time is easily missed once.
    "processes": """
columns=pid=,pidns=,command=
ps -o pidns= -p $$ >/dev/null 2>&1 || columns=pid=,command=
for look in 1 2 3 4 5 6 7 8 9 10; do
    ps -o "$columns" -u "$user"
done""",
}


class Look(NamedTuple):
    """What the host answered, by question; and what it said of errors."""

    answers: dict[str, str]
    errors: str

    @property
    def left(self) -> dict[str, list[str]]:
        """What the engine finds of ours, by kind. Raises AssertionError where it does not say."""
        try:
            found: dict[str, list[str]] = json.loads(self.answers["left"])
        except ValueError:
            raise AssertionError(f"the engine does not say what is left: {self.errors.strip()}") from None
        return found

    @property
    def processes(self) -> list[str]:
        """Lines of ps about the bots' user, without those of containers: only root is told which these are."""
        lines, namespace = self.answers["processes"].splitlines(), self.answers["namespace"].strip()
        if not namespace or self.answers["asker"].strip() != "0":
            return lines
        return [line for line in lines if _is_ours(line, namespace)]


def look(host: Any, *, stress_dir: str, user: str, python: str) -> Look:
    """Ask all questions at once. ``host`` is testinfra's; root answers where it is in ``host.sudo()``."""
    # What a host prints between two answers has to be guessed by whoever wants to answer in its place.
    mark = secrets.token_hex(16)
    asked = [f"echo {mark}; {question}" for question in QUESTIONS.values()]
    done = host.run(
        "dir=%s user=%s python=%s\n" + "\n".join(asked).replace("%", "%%"), stress_dir, user, python
    )
    _, *answers = done.stdout.split(f"{mark}\n")
    assert len(answers) == len(QUESTIONS), f"no shell that answers: {done.stderr.strip() or done.stdout}"
    return Look(dict(zip(QUESTIONS, answers, strict=True)), done.stderr)


def _is_ours(line: str, namespace: str) -> bool:
    """A container's users have the numbers of ours, and are others (pid_namespaces(7)).

    ps itself says so, in the look in which it sees the process: a moment later that may be gone. Where it was gone
    already, ps says `-`; not every ps knows namespaces.
    """
    word = line.split()[1]
    return word != "-" and not (word.isdigit() and word not in namespace)
