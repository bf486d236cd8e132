"""The physical footprint of a process, asked for as macOS has it: by a library of the system."""

import os

import pytest

from fleet_stress.system.darwin import memory
from fleet_stress.system.linux import memory as linux_memory
from lab import libproc


@pytest.mark.macos
def test_on_a_mac_it_is_between_nothing_and_all():
    held = bytearray(os.urandom(50_000_000))
    footprint = memory.memory_of(os.getpid()).private
    assert len(held) < footprint < 2_000_000_000
    assert memory.memory_of(2**22 + 1) is None


@pytest.mark.linux
@pytest.mark.skipif(libproc.compiler() is None, reason="needs a C compiler for the double of libproc")
def test_it_is_read_from_the_place_where_macos_puts_it(tmp_path, monkeypatch):
    library = libproc.build(tmp_path / "libproc.dylib")
    monkeypatch.setattr(memory, "_LIBRARY", str(library))
    held = bytearray(os.urandom(50_000_000))

    footprint = memory.memory_of(os.getpid()).private

    assert abs(footprint - linux_memory.memory_of(os.getpid()).private) < 10_000_000 < len(held)
    assert memory.memory_of(2**22 + 1) is None


@pytest.mark.linux
def test_where_there_is_no_such_library_it_is_unknown():
    assert memory.memory_of(os.getpid()).private is None
