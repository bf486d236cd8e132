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
    if expected.become:
        with host.sudo():
            lines = seen(host, expected.user)
    else:
        lines = seen(host, expected.user)

    assert lines == []


def seen(host, user):
    """Lines of ps about this user's processes, without those of containers: only root is told which these are."""
    lines = host.run(LOOKS, user).stdout.splitlines()
    namespace = host.run("readlink /proc/self/ns/pid").stdout.strip()
    if not namespace or host.check_output("id -u") != "0":
        return lines
    return [line for line in lines if is_ours(line, namespace)]


def is_ours(line, namespace):
    """A container's users have the numbers of ours, and are others (pid_namespaces(7)).

    ps itself says so, in the look in which it sees the process: a moment later that may be gone. Where it was gone
    already, ps says `-`; not every ps knows namespaces.
    """
    word = line.split()[1]
    return word != "-" and not (word.isdigit() and word not in namespace)


#: Several times: one that ends and starts itself anew all the time is easily missed once.
LOOKS = """user=%s
columns=pid=,pidns=,command=
ps -o pidns= -p $$ >/dev/null 2>&1 || columns=pid=,command=
for look in 1 2 3 4 5 6 7 8 9 10; do
    ps -o "$columns" -u "$user"
done
"""
