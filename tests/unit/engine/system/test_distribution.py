"""What a host calls itself: the file of os-release(5), of which not everything is as its manual says."""

import platform

import pytest

from fleet_stress.system.darwin import distribution as darwin
from fleet_stress.system.linux import distribution as linux


@pytest.fixture
def says(tmp_path, monkeypatch):
    def says(text):
        (tmp_path / "os-release").write_bytes(text)
        monkeypatch.setattr(linux, "_FILES", (tmp_path / "none", tmp_path / "os-release"))
        return linux.distribution()

    return says


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            b'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
            "Debian GNU/Linux 12 (bookworm)",
        ),
        (b"NAME=Gentoo\n", "Gentoo"),
        (b"PRETTY_NAME='Arch Linux'\n# NAME=x\n", "Arch Linux"),
        (b'PRETTY_NAME="odd\nNAME=Void\n', "Void"),
        (b"\xff\xfe=\n", ""),
        (b"", ""),
    ],
)
def test_a_distribution_has_the_name_that_people_know(says, text, name):
    assert says(text) == name


def test_a_name_without_end_is_cut(says):
    assert len(says(b"NAME=" + b"x" * 100_000)) == 200


def test_one_that_says_nothing_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(linux, "_FILES", (tmp_path / "none",))
    assert linux.distribution() == ""


def test_a_mac_is_named_by_its_version(monkeypatch):
    monkeypatch.setattr(platform, "mac_ver", lambda: ("14.5", ("", "", ""), "arm64"))
    assert darwin.distribution() == "macOS 14.5"
