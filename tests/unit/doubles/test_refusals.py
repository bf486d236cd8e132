"""The doubles are strict: they refuse what the real programs refuse, and a test that leaves something fails."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.system.darwin import pf, ram_disk
from fleet_stress.system.network import packet_rules
from fleet_stress.system.programs import run
from tests.doubles.fixture import mac  # noqa: F401
from tests.unit.engine.faults.volumes import of_our_own

pytestmark = [pytest.mark.root, pytest.mark.linux]

RULE = "block drop out quick inet proto tcp from any to 192.0.2.9 user = 65534\n"


@pytest.fixture
def networks(mac):  # noqa: F811
    """Rules of the doubled pf act in the network of whoever runs it: one for ``unshare -n`` alone."""
    return lambda words, given="": subprocess.run(
        ["unshare", "-n", "sh", "-c", " && ".join(f"{mac.bin}/{word}" for word in words)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["hdiutil", "attach", "-nomount", "ram://none"], 1, "Invalid argument"),
        (["hdiutil", "attach", "ram://2048"], 1, "no mountable file systems"),
        (["hdiutil", "attach", "-quick", "ram://2048"], 1, "unrecognized option"),
        (["hdiutil", "detach", "/dev/disk9"], 1, "No such file or directory"),
        (["newfs_hfs", "-v", "x", "/dev/disk9"], 1, "No such file or directory"),
        (["mount", "-t", "hfs", "-o", "browse", "/dev/disk9", "/tmp"], 1, "option not supported"),
        (["umount", "/tmp"], 1, "not currently mounted"),
        (["diskutil", "eraseVolume"], 1, "did not recognize"),
        (["pfctl", "-X", "1"], 1, "pf not enabled"),
        (["pfctl", "-f", "/etc/pf.conf"], 1, "nobody may do that"),
        (["pfctl", "-F", "rules"], 1, "nobody may do that"),
        (["pfctl", "-d"], 1, "illegal option"),
        (["taskpolicy", "-c", "background", "-p", "1"], 64, "usage"),
        (["taskpolicy", "-b", "-p", "4194999"], 71, "No such process"),
    ],
)
def test_it_refuses(mac, argv, code, said):  # noqa: F811
    refused = run(argv)

    assert refused.code == code
    assert said in refused.stderr


def test_a_busy_volume_is_not_detached_and_one_that_is_too_small_not_made(mac, tmp_path):  # noqa: F811
    with of_our_own():
        device = run(["hdiutil", "attach", "-nomount", "ram://2048"]).stdout
        assert device == f"{device.strip():<20}".rstrip() + device[len(device.strip()) :]
        assert device.strip() != device.rstrip("\n"), "padded with blanks and a tab"
        device = device.strip()
        unformatted = run(["mount", "-t", "hfs", device, str(tmp_path)])
        assert "Invalid argument" in unformatted.message
        assert run(["newfs_hfs", "-v", "x", device]).code == 0
        assert run(["mount", "-t", "hfs", "-o", "nobrowse", device, str(tmp_path)]).code == 0
        with (tmp_path / "open").open("w"):
            busy = run(["hdiutil", "detach", device])
            assert (busy.code, busy.message) == (16, 'hdiutil: couldn\'t unmount "disk4" - Resource busy')
        assert mac.left() == [f"/dev/disk4 attached, volume x, at {tmp_path}"]
        assert run(["hdiutil", "detach", device]).stdout == '"disk4" ejected.\n'

        run(["hdiutil", "attach", "-nomount", "ram://512"])
        assert "minimum is 512 KB" in run(["newfs_hfs", "-v", "x", "/dev/disk4"]).message
        run(["hdiutil", "detach", "/dev/disk4"])


def test_who_sits_in_a_volume_is_waited_for_and_then_loses_it(mac, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(ram_disk, "_BUSY_WITHIN", 0.3)
    with of_our_own(), (tmp_path / "not on it").open("w"):
        point = tmp_path / "volume"
        point.mkdir()
        ram_disk.mount(ram_disk.make("x", 1 << 20, tmp_path / "ticket"), point)
        [disk] = ram_disk.attached()
        with (point / "open").open("w"):
            ram_disk.remove(disk)

    asked = [call for call in mac.calls if call[0] in ("umount", "diskutil") and "info" not in call]
    assert asked[0] == ["umount", str(point)]
    assert asked[-1] == ["diskutil", "unmount", "force", str(point)]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_disk_without_a_name_is_known_by_its_ticket_and_a_strangers_is_left(mac, tmp_path, when):  # noqa: F811
    run(["hdiutil", "attach", "-nomount", "ram://2048"])  # somebody's, just as large, and not formatted
    ticket = tmp_path / "ticket"
    mac.kill_at(len(mac.calls) + 2, when)  # hdiutil attach
    made = "from pathlib import Path\nfrom fleet_stress.system import programs\n"
    made += "from fleet_stress.system.darwin import ram_disk\n"
    made += f"programs._PATH = '{mac.bin}:/usr/bin'\nram_disk.make('mine', 1 << 20, Path({str(ticket)!r}))"
    died = subprocess.run([sys.executable, "-c", made], cwd=Path(__file__).parents[3], check=False)
    assert died.returncode == -9
    assert "before" in json.loads(ticket.read_text())

    found = ram_disk.ours("mine", ticket)

    assert [item.device for item in found] == ([] if when == "before" else ["/dev/disk5"])
    for item in found:
        ram_disk.remove(item)
    assert [item.device for item in ram_disk.attached()] == ["/dev/disk4"]
    run(["hdiutil", "detach", "/dev/disk4"])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "block drop out quick inet proto tcp from any to 192.0.2.9 user nobody-here\n",
            "unknown user nobody-here",
        ),
        (
            "block drop out quick inet proto icmp from any to 192.0.2.9 port 7\n",
            "port only applies to tcp/udp",
        ),
        ("block drop out quick inet6 proto tcp from any to 192.0.2.9\n", "no valid combination"),
        ("block drop out fast\n", "syntax error"),
    ],
)
def test_rules_that_are_none_are_not_loaded(networks, mac, rules, said):  # noqa: F811
    done = networks(["pfctl -a com.apple/x -f -"], rules)

    assert done.returncode == 1
    assert said in done.stderr
    assert "pf rules not loaded" in done.stderr
    assert mac.left() == []


def test_a_rule_about_a_user_for_icmp_would_be_about_everybody(networks, mac):  # noqa: F811
    icmp = "block drop out quick inet proto icmp from any to 192.0.2.9 user = 65534\n"
    shown = networks(
        ["pfctl -a com.apple/x -f -", "pfctl -a com.apple/x -sr", "pfctl -a com.apple/x -F rules"], icmp
    )

    assert shown.stdout == "block drop out quick inet proto icmp from any to 192.0.2.9\n"
    assert not [
        item
        for item in pf.rules_of("drop", 7, [packet_rules.Destination(None)])
        if not re.search("tcp|udp", item)
    ]


def test_a_token_is_told_on_stderr_and_only_its_own_lets_go(networks, mac):  # noqa: F811
    on = networks(
        ["pfctl -E", "pfctl -a com.apple/x -f -", "pfctl -a com.apple/x -vvsr", "pfctl -s References"], RULE
    )
    token = re.search(r"^Token : (\d+)$", on.stderr, re.M)[1]
    assert "Token" not in on.stdout
    assert token in on.stdout
    assert f"@0 {RULE}" in on.stdout
    assert pf.counted(on.stdout) == {"192.0.2.9": 0}
    assert "pf: token invalid" in networks(["pfctl -X 12"]).stderr
    assert mac.left() == [f"pf: reference {token}", "pf: rules in com.apple/x"]

    off = networks([f"pfctl -X {token}", "pfctl -a com.apple/x -F rules"])
    assert "pf disabled" in off.stderr


def test_where_the_main_ruleset_does_not_lead_to_us_it_is_said(mac):  # noqa: F811
    assert pf.unable() is None
    with mac.state() as now:
        now["pf"]["skip"] = ["lo0"]
    assert pf.unable() == "pf is told to skip lo0, where the bot's companions are"
    with mac.state() as now:
        now["pf"]["main"] = ["pass all"]
    assert "does not evaluate" in pf.unable()
