"""Nothing is left of a run: no process, mount, lock, open undo, temporary file, shared memory, queue or job.

And state is the bot's.
"""

import json

import pytest

KINDS = ["processes", "mounts", "locks", "undo", "files", "ipc", "jobs", "state"]


@pytest.fixture(scope="module")
def left(host, expected):
    """The engine looks once for all kinds."""
    command = "%s -I -m fleet_stress leftovers --stress-dir %s --user %s"
    asked = (expected.engine_python, expected.stress_dir, expected.user)
    if expected.become:
        with host.sudo():
            return json.loads(host.check_output(command, *asked))
    return json.loads(host.check_output(command, *asked))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left(left, kind):
    assert left[kind] == [], f"{kind}: {'; '.join(left[kind])[:500]}"


def test_all_kinds_are_looked_at(left):
    assert sorted(left) == sorted(KINDS)


def test_the_systems_own_tools_see_no_process_either(host, expected):
    """What the engine overlooks would be overlooked by the engine: ps is asked as well."""
    login = host.check_output("id -un")
    if expected.user == login:
        pytest.skip("bots run as the login itself, so its processes say nothing")
    lines = host.run(LOOKS, expected.user).stdout.strip().splitlines()
    if lines and expected.become:
        ours = host.run("readlink /proc/self/ns/pid").stdout.strip()
        with host.sudo():
            lines = [
                line for line in host.run(LOOKS, expected.user).stdout.splitlines() if is_ours(line, ours)
            ]

    assert lines == []


def is_ours(line, namespace):
    """A container's users have the numbers of ours, and are others (pid_namespaces(7)).

    ps itself says so, in the look in which it sees the process: a moment later that may be gone. Where it was gone
    already, ps says `-`; not every ps knows namespaces.
    """
    word = line.split()[1]
    return word != "-" and not (word.isdigit() and word not in namespace)


#: Several times: one that ends and starts itself anew all the time is easily missed once.
LOOKS = """user=%s
for look in 1 2 3 4 5 6 7 8 9 10; do
    ps -o pid=,pidns=,command= -u "$user" 2>/dev/null || ps -o pid=,command= -u "$user"
done
"""
