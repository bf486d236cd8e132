"""The lab itself: hosts that share nothing, troubles that do what they say, and nothing left of any of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lab import __main__ as make
from lab import clock, groups, needs
from lab.hosts import LabFailed, until, until_gone
from lab.lab import ROOT, Lab
from lab.record import Folder

LACKING = needs.missing()
#: One group: the tests of one lab go to one worker.
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason="a lab cannot be had: " + "; ".join(LACKING)),
]
WHO = "id -un; hostname"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab.up(tmp_path_factory.mktemp("lab") / "it", 2, disk="64m", clocks=bool(clock.compiler())) as up:
        yield up


def login(lab, *words):
    """Exit code of a login with a command, and all that was said."""
    ended = subprocess.run(lab.ssh(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return ended.returncode, ended.stdout + ended.stderr


def says(lab, host, program):
    return lab.inside(host, ["/usr/bin/python3", "-c", program]).stdout.strip()


def silent(lab, host):
    """A login in which nobody answers within two seconds."""
    code, said = login(lab, host, "-o", "ConnectTimeout=2", "true")
    return code == 255 and "timed out" in said.lower()


def test_a_lab_is_found_by_a_relative_path_too(lab, monkeypatch):
    monkeypatch.chdir(lab.folder.path.parent)

    found = Lab(Folder(Path("it")))

    assert found.changed_files("lab01") == lab.changed_files("lab01")
    found.fill_disk("lab01")
    found.free_disk("lab01")


# -- what a host is -----------------------------------------------------------------------------------------


def test_one_logs_in_as_a_user_and_becomes_root(lab):
    for host in lab.hosts:
        assert login(lab, host, WHO) == (0, f"operator\n{host}\n")
        assert login(lab, host, "sudo -n id -u") == (0, "0\n")


def test_ansible_reaches_all(lab):
    ansible = Path(sys.executable).with_name("ansible")
    words = [
        ansible,
        "-i",
        lab.inventory,
        "linux",
        "--become",
        "-m",
        "ansible.builtin.command",
        "-a",
        "hostname",
    ]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    assert all(f"{host}\n" in said.stdout for host in lab.hosts)


def test_a_host_whose_key_is_another_one_is_refused(lab, tmp_path):
    wrong = tmp_path / "known_hosts"
    first, second = lab.folder.known_hosts.read_text().splitlines()
    wrong.write_text(f"{first.split()[0]} {second.split(maxsplit=1)[1]}\n")
    code, said = login(lab, "lab01", "-o", f"UserKnownHostsFile={wrong}", "true")
    assert code == 255
    assert "Host key verification failed" in said


def test_an_unused_host_shows_nothing(tmp_path):
    with Lab.up(tmp_path / "lab", 1) as lab:
        assert login(lab, "lab01", "sudo -n true")[0] == 0
        assert lab.changed_files("lab01") == []
        assert lab.processes("lab01") == []
        assert lab.rules("lab01") == []
        assert lab.cgroups("lab01") == []
        assert lab.namespaces("lab01") == []


def test_what_happens_on_a_host_is_seen_and_stays_there(lab):
    one, other = lab.hosts
    mounts = lab.mounts(one)
    for command in (
        "touch /usr/bin/new; rm /etc/issue; chmod 600 /etc/debian_version; mkdir -p /var/lib/new/empty",
        "useradd --system fs-visitor",
        "iptables -A OUTPUT -d 192.0.2.1 -j DROP; ip6tables -N ours",
        "for tree in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do mkdir $tree/fleet-stress-x; done",
        "mount -t tmpfs none /mnt; unshare --net sleep 1000 >/dev/null 2>&1 &",
    ):
        lab.inside(one, ["sh", "-c", command])
    expected = {"/usr/bin/new", "/etc/issue", "/etc/debian_version", "/var/lib/new/empty", "/etc/passwd"}
    assert expected <= set(lab.changed_files(one))
    assert "/var/lib/new" not in lab.changed_files(one), "a folder is there by what is in it"
    assert lab.rules(one) == ["4 -A OUTPUT -d 192.0.2.1/32 -j DROP", "6 :ours -"]
    assert all(group.endswith("/fleet-stress-x") for group in lab.cgroups(one))
    assert lab.cgroups(one)
    assert {line.split(":")[2] for line in lab.inside(one, ["cat", "/proc/self/cgroup"]).stdout.split()} == {
        "/"
    }
    assert [line.split()[1] for line in lab.mounts(one) if line not in mounts] == ["/mnt"]
    until(lambda: [p.argv for p in lab.processes(one)] == [["sleep", "1000"]], "the process runs")
    assert [name.split(":")[0] for name in lab.namespaces(one)] == ["net"]

    assert not expected & set(lab.changed_files(other))
    assert not Path("/usr/bin/new").exists()
    assert Path("/etc/issue").exists()
    assert lab.inside(other, ["id", "fs-visitor"], check=False).returncode != 0
    assert lab.rules(other) == lab.cgroups(other) == lab.processes(other) == lab.namespaces(other) == []


def test_a_host_sees_neither_this_project_nor_a_way_out(lab):
    assert lab.inside("lab01", ["find", str(ROOT), "/root"]).stdout.split() == [str(ROOT), "/root"]
    assert not lab.inside("lab01", ["ip", "route", "show", "default"]).stdout


# -- what can be done to one --------------------------------------------------------------------------------


def test_a_cable_is_pulled_and_put_back(lab):
    carrier = ["cat", "/sys/class/net/eth0/carrier"]
    lab.link_down("lab01")
    assert lab.inside("lab01", carrier).stdout == "0\n"
    assert silent(lab, "lab01")
    assert login(lab, "lab02", "true")[0] == 0
    lab.link_up("lab01")
    until(lambda: login(lab, "lab01", "true")[0] == 0, "the host answers again")


def test_a_host_can_be_one_that_never_answers(lab):
    lab.mute("lab01")
    assert lab.inside("lab01", ["cat", "/sys/class/net/eth0/carrier"]).stdout == "1\n"
    assert silent(lab, "lab01")
    lab.unmute("lab01")
    until(lambda: login(lab, "lab01", "true")[0] == 0, "the host answers again")


def test_a_killed_sshd_ends_its_sessions_and_comes_back(lab):
    session = subprocess.Popen(lab.ssh("lab01", "echo in; sleep 1000"), stdout=subprocess.PIPE)
    assert session.stdout.readline() == b"in\n"
    lab.kill_sshd("lab01")
    assert session.wait(60) == 255
    session.stdout.close()
    until(lambda: lab.listens("lab01"), "sshd is back")
    assert login(lab, "lab01", "true")[0] == 0


def test_a_power_cut_takes_all_but_the_disk(lab):
    lab.inside(
        "lab01", ["sh", "-c", "echo kept >/var/lib/kept; touch /run/lost; iptables -A INPUT -j ACCEPT"]
    )
    lab.power_off("lab01")
    with pytest.raises(LabFailed, match="has no power"):
        lab.inside("lab01", ["true"])
    assert "/var/lib/kept" in lab.changed_files("lab01")
    assert silent(lab, "lab01")
    lab.power_on("lab01")
    assert login(lab, "lab01", "cat /var/lib/kept; ls /run/lost")[1].startswith("kept\nls: cannot")
    assert lab.rules("lab01") == []
    assert lab.processes("lab01") == []


def test_a_disk_is_full_to_the_last_byte(lab):
    write = ["dd", "if=/dev/zero", "of=/var/lib/one", "bs=1", "count=1"]
    lab.fill_disk("lab01")
    assert "No space left" in lab.inside("lab01", write, check=False).stdout
    lab.inside("lab02", write)
    lab.free_disk("lab01")
    lab.inside("lab01", write)


@pytest.mark.skipif(
    not clock.compiler(), reason="stepping clocks takes a C compiler: apt-get install gcc libc6-dev"
)
def test_a_clock_is_stepped_under_a_running_program(lab):
    program = (
        "import subprocess, time; began = time.time(), time.monotonic(); print('on', flush=True); input();"
        "print(time.time() - began[0], time.monotonic() - began[1], subprocess.getoutput('env -i /bin/date +%s'))"
    )
    running = subprocess.Popen(
        lab.ssh("lab01", f'sudo -n env -i /usr/bin/python3 -c "{program}"'),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "on\n"
    lab.step_clock("lab01", -86400)
    said, _ = running.communicate("\n")
    passed, truly, date = map(float, said.split())
    assert -86400 <= passed < -80000
    assert 0 < truly < 1000
    assert abs(date - time.time() + 86400) < 1000
    assert abs(float(says(lab, "lab02", "import time; print(time.time())")) - time.time()) < 1000
    lab.step_clock("lab01", 86400)
    assert abs(float(says(lab, "lab01", "import time; print(time.time())")) - time.time()) < 1000


# -- how it ends --------------------------------------------------------------------------------------------


def groups_of(lab):
    name = groups.name(lab.keeper)
    return [tree.top / name for tree in groups.hierarchies() if (tree.top / name).exists()]


def processes_of(lab):
    inits = [psutil.Process(lab.init(host)) for host in lab.hosts]
    return inits + [child for init in inits for child in init.children(recursive=True)]


@pytest.mark.parametrize("kill", ["keeper", "test"])
def test_killed_and_all_is_gone(tmp_path, kill):
    program = (
        "import sys, time; from pathlib import Path; from lab.lab import Lab\n"
        "Lab.up(Path(sys.argv[1]), 2, detached=sys.argv[2] == 'keeper'); print('up', flush=True); time.sleep(1000)"
    )
    folder = tmp_path / "lab"
    words = [sys.executable, "-c", program, folder, kill]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout.readline() == "up\n"
        lab = Lab(Folder(folder))
        for host in lab.hosts:
            lab.inside(host, ["sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & mount -t tmpfs none /mnt"])
        living = processes_of(lab)
        assert groups_of(lab)
        assert len(living) >= 6
        os.kill(lab.keeper["pid"] if kill == "keeper" else test.pid, signal.SIGKILL)
        until_gone(living, "all processes are gone")
        test.kill()
    mounts = Path("/proc/self/mounts").read_text()
    assert str(folder) not in mounts
    assert "seeds/lab01" not in mounts
    with Lab.up(folder, 1) as again:
        assert groups_of(lab) == []
        assert login(again, "lab01", "true")[0] == 0
        with pytest.raises(LabFailed, match="already"):
            Lab.up(folder, 1)
    assert groups_of(again) == []


def test_labs_stand_side_by_side(lab, tmp_path):
    with Lab.up(tmp_path / "lab", 1) as second:
        second.inside("lab01", ["touch", "/var/lib/second"])
        assert login(second, "lab01", "ls /var/lib/second")[0] == 0
        assert login(lab, "lab01", "ls /var/lib/second")[0] == 2
    assert login(lab, "lab01", "true")[0] == 0
    code, said = login(second, "lab01", "true")
    assert code == 255
    assert "is dead" in said


# -- as a person uses it ------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(make, "PLACE", Folder(tmp_path / "lab"))
    monkeypatch.setattr(make, "INVENTORY", tmp_path / "lab.yml")
    yield tmp_path
    make.down()


def test_up_twice_dead_and_down(place):
    assert "The lab is up: lab01 to lab02." in make.up("2")
    assert "up already, lab01 to lab02" in make.up("1")
    keeper = Lab(make.PLACE).keeper["pid"]
    os.kill(keeper, signal.SIGKILL)
    until(lambda: psutil.Process(keeper).status() == psutil.STATUS_ZOMBIE, "the keeper is dead")
    assert "The lab is up: lab01." in make.up("1")
    assert (place / "lab.yml").read_text().count("ansible_host") == 1
    assert make.down() == "The lab is gone."
    assert list(place.iterdir()) == []
    assert make.down() == "There is no lab."


@pytest.mark.parametrize("wanted", ["0", "x", "201", "-1", "1.5", "²"])
def test_a_wrong_number_is_refused(wanted):
    with pytest.raises(LabFailed, match="a number from 1 to 200"):
        make.up(wanted)


def test_make_passes_on_what_was_said_to_the_letter():
    words = ["make", "--no-print-directory", "lab", "HOSTS=1'; id"]
    said = subprocess.run(words, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert said.returncode != 0
    assert "not `1'; id`" in said.stderr


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    (said,) = (item for item in needs.missing() if "apt-get" in item)
    assert "openssh-client" in said
    assert "sudo" in said
    with pytest.raises(LabFailed, match="cannot be had here"):
        make.up("1")


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "precious").touch()
    with pytest.raises(LabFailed, match="precious"):
        Lab.up(tmp_path, 1)
    assert (tmp_path / "precious").exists()
