"""Each thing that speaks against a host is told with what, where, why and do."""

import pytest
from fleet_controller.hosts.preflight.host_problems import host_problems
from fleet_controller.hosts.preflight.problem import as_message
from fleet_controller.hosts.preflight.way_in import read_probe

PROBLEM = {"what": "it is broken", "where": "x 1", "why": "it matters", "do": "mend it"}


@pytest.fixture
def facts():
    """A host that nothing speaks against."""
    base = {
        "path": "/var/lib",
        "is_folder": True,
        "writable": True,
        "closed_at": "",
        "mounted": [],
        "homes": [],
    }
    return {
        "user": "fleet-stress",
        "login": "root",
        "root": True,
        "user_exists": False,
        "user_root": False,
        "stress_dir": "/var/lib/fleet-stress",
        "state": "absent",
        "base": base,
        "disk_free_mb": 9000,
        "inodes_free": 900_000,
        "others": [],
        "bot_folder_exists": True,
    }


@pytest.fixture
def only_problem(facts):
    """``only_problem(change)``: the one thing that speaks against the host after a change of its facts."""

    def judge(base=(), asked="/var/lib/fleet-stress", source="", may_create=True, floor=500, **changed):
        told = {**facts, **changed, "base": {**facts["base"], **dict(base)}}
        [problem] = host_problems(told, asked, source, may_create, floor)
        assert set(problem) == {"what", "where", "why", "do"}
        assert all(problem.values())
        return problem

    return judge


def test_nothing_speaks_against_a_good_host(facts):
    assert host_problems(facts, "/var/lib/fleet-stress") == []
    as_login = {**facts, "root": False, "login": "me", "user": "me", "user_exists": True}
    assert host_problems(as_login, "~/x", may_create_user=False) == []
    ours = {**facts, "state": "ours", "user_exists": True, "inodes_free": None}
    assert host_problems(ours, "/var/lib/fleet-stress") == []


# ---- the user ----


def test_another_user_without_root(only_problem):
    told = only_problem(root=False, login="me")
    assert told["what"] == "bots cannot run as fleet-stress: everything here runs as me, which is not root"
    assert told["where"] == "stress_user fleet-stress"
    assert "-e stress_user=me" in told["do"]


def test_bots_as_root(only_problem):
    told = only_problem(user="root", user_root=True, user_exists=True)
    assert told["what"] == "bots would run as root"
    assert "stress_user=fleet-stress" in told["do"]


def test_a_user_that_is_not_there_and_may_not_be_made(only_problem):
    assert only_problem(may_create=False)["what"] == "that user does not exist"


# ---- the folder ----


def test_a_relative_folder_on_a_remote_host(only_problem):
    told = only_problem(stress_dir="", asked="stress")
    assert told["what"] == "a relative stress_dir is for local hosts only"
    assert told["where"] == "stress_dir stress"


@pytest.mark.parametrize("folder", ["/", "/var/lib", "/home", "/etc/fleet", "/usr/bin", "/System/x", "/tmp"])
def test_a_folder_of_the_system(only_problem, folder):
    told = only_problem(stress_dir=folder, state="foreign", base={"closed_at": "/x", "writable": False})
    assert told["what"].startswith("that folder cannot be ours: ")
    assert "belongs to the system" in told["what"]
    assert told["where"] == f"stress_dir {folder}"


@pytest.mark.parametrize("folder", ["/etcetera/x", "/var/lib/x", "/home/me/x", "/usr/binaries", "/library"])
def test_a_folder_that_only_sounds_like_one_of_the_system(facts, folder):
    assert host_problems({**facts, "stress_dir": folder}, folder) == []


def test_a_home(only_problem):
    told = only_problem(base={"homes": ["/srv/a", "/srv/b"]}, stress_dir="/srv")
    assert told["what"] == "that folder cannot be ours: it is or holds a home (/srv/a, /srv/b)"


def test_a_file_in_the_way(only_problem):
    told = only_problem(base={"path": "/var/lib/file", "is_folder": False}, state="foreign")
    assert told["what"] == "/var/lib/file is not a folder"


def test_a_folder_of_somebody_else(only_problem):
    told = only_problem(state="foreign")
    assert "no valid marker .fleet-stress" in told["what"]
    assert "deleted" in told["why"]


def test_a_way_that_is_closed_to_the_bots_user(only_problem):
    told = only_problem(base={"closed_at": "/var"})
    assert told["what"] == "user fleet-stress cannot get there: /var is closed to it"
    assert "chmod o+x /var" in told["do"]


MACS = [
    "/usr/libexec/x",
    "/usr/x",
    "/system/x",
    "/PRIVATE/ETC/x",
    "/private/var/db/x",
    "/USERS",
    "/Usr/Local",
]


@pytest.mark.parametrize("folder", MACS)
def test_on_a_mac_a_folder_that_the_system_keeps_for_itself_in_whatever_case(only_problem, facts, folder):
    told = only_problem(stress_dir=folder, system="Darwin")
    assert "belongs to the system" in told["what"]
    for ours in (
        "/usr/local/var/fleet-stress",
        "/USR/local/x",
        "/private/var/lib/x",
        "/Users/me/x",
        "/Volumes/data/x",
    ):
        assert host_problems({**facts, "stress_dir": ours, "system": "Darwin"}, ours) == []


@pytest.mark.parametrize("word", ["read-only", "noexec"])
def test_a_file_system_that_is_mounted_so(only_problem, word):
    told = only_problem(base={"mounted": [word], "writable": False})
    assert told["what"] == f"its file system is mounted {word}"


def test_a_folder_that_may_not_be_written_to(only_problem):
    told = only_problem(base={"writable": False})
    assert told["what"] == "root may not write to /var/lib"


# ---- room, others, the bot ----


def test_a_disk_that_is_nearly_full(only_problem):
    told = only_problem(disk_free_mb=499)
    assert told["what"] == "not enough disk: 499 MiB free, 500 needed (stress_disk_floor_mb)"
    only_problem(disk_free_mb=8000, floor=8001)


def test_too_few_inodes(only_problem):
    assert only_problem(inodes_free=19_999)["what"] == "not enough inodes: 19999 are free, 20000 are needed"


@pytest.mark.parametrize(("lies", "how"), [("equal", "equal to"), ("above", "above"), ("below", "below")])
def test_a_living_process_that_was_told_a_folder(only_problem, lies, how):
    other = {"pid": 7, "name": "python main.py", "variable": "STATE_DIR", "path": "/srv/x", "lies": lies}
    told = only_problem(others=[other])
    assert told["what"] == (
        f"a living process uses /srv/x (STATE_DIR), which is {how} stress_dir /var/lib/fleet-stress"
    )
    assert told["where"] == "process 7 (python main.py)"


def test_a_living_process_that_writes_below(only_problem):
    other = {"pid": 7, "name": "vi", "variable": "", "path": "/var/lib/fleet-stress/x", "lies": "below"}
    told = only_problem(others=[other])
    assert told["what"].startswith("a living process that is not ours writes below stress_dir")


def test_a_bots_folder_that_is_not_on_the_host(only_problem):
    told = only_problem(bot_folder_exists=False, source="host:/srv/bot")
    assert told["where"] == "bot_source host:/srv/bot"


def test_all_are_told_at_once(facts):
    told = host_problems({**facts, "disk_free_mb": 1, "inodes_free": 1, "state": "foreign"}, "x")
    assert len(told) == 3


# ---- the probe for Python ----


def probed(*lines, become=True, **more):
    return read_probe("\n".join(f"fleet-stress: {line}" for line in lines), become, **more)


def test_the_first_python_that_starts_is_used_and_a_banner_is_passed_over():
    output = "Welcome!\r\nfleet-stress: uid 0\r\nfleet-stress: user root\r\n"
    output += "fleet-stress: passed /a: is Python 3.8, older than 3.9\r\n"
    output += "fleet-stress: python 3.11.2 - /opt/my python/bin/python3\r\nhave a nice day"
    assert read_probe(output, True) == {
        "uid": 0,
        "user": "root",
        "python": "/opt/my python/bin/python3",
        "problems": [],
    }


def test_without_any_python_it_says_which_were_looked_at():
    seen = probed("uid 0", "passed /a: is PyPy", "python 3.12.1 /root /root/python3")
    [problem] = seen["problems"]
    assert seen["python"] == ""
    assert problem["what"] == "no working Python 3.9 or newer was found"
    assert problem["where"] == "/a: is PyPy; /root/python3: only its owner can start it, /root is closed"
    assert "apt install python3" in problem["do"]
    [problem] = probed("uid 0")["problems"]
    assert problem["where"] == "no python3 on the PATH nor in the usual places"


def test_the_python_that_was_wanted_cannot_be_used():
    [problem] = probed("uid 0", "passed /my/python: is Python 2.7", wanted="/my/python")["problems"]
    assert problem["what"] == "stress_python cannot be used"
    assert (problem["where"], problem["why"]) == ("/my/python", "/my/python: is Python 2.7")


def test_a_python_that_only_its_owner_can_start_will_do_where_bots_run_as_the_owner():
    lines = ("uid 1000", "user me", "sudo yes", "python 3.12.1 /home/me /home/me/bin/python3")
    assert probed(*lines, become=False)["python"] == "/home/me/bin/python3"
    assert probed(*lines, become=True)["python"] == ""


def test_root_is_needed_and_there_is_no_sudo():
    lines = ("uid 1000", "user me", "python 3.12.1 - /usr/bin/python3")
    [problem] = probed(*lines)["problems"]
    assert problem["what"] == "root is needed, and there is no sudo"
    assert "-e stress_user=me" in problem["do"]
    for more in ({"become": False}, {"method": "doas"}):
        assert probed(*lines, **more)["problems"] == []
    assert probed("sudo yes", *lines)["problems"] == []
    assert probed("uid 0", *lines[1:])["problems"] == []


# ---- for a person ----


def test_problems_as_one_message():
    one, two = as_message([PROBLEM], "h"), as_message([PROBLEM] * 2, "h")
    assert one == (
        "h cannot be used, and was left as it was (1 problem):\n1. it is broken\n   where: x 1\n"
        "   why:   it matters\n   do:    mend it"
    )
    assert "(2 problems)" in two and "\n2. it is broken" in two
