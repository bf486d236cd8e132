"""Nothing is left of a run: no process, mount, lock, open undo, temporary file, shared memory, queue or job.

And state is the bot's.
"""

import pytest

KINDS = ["processes", "mounts", "locks", "undo", "files", "ipc", "jobs", "state"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left(seen, kind):
    """The engine looks once for all kinds."""
    assert seen.left[kind] == [], f"{kind}: {'; '.join(seen.left[kind])[:500]}"


def test_all_kinds_are_looked_at(seen):
    assert sorted(seen.left) == sorted(KINDS)


def test_the_systems_own_tools_see_no_process_either(seen, expected):
    """What the engine overlooks would be overlooked by the engine: ps is asked as well."""
    if expected.user == seen.answers["login"].strip():
        pytest.skip("bots run as the login itself, so its processes say nothing")

    assert seen.processes == []
