"""A mount namespace of a test's own: what it mounts there nobody else sees, and it is gone with it."""

import contextlib
import ctypes
import os
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_MS_REC_PRIVATE = 16384 | 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def of_our_own():
    """From here on this process sees mounts of its own, until it goes back."""
    folder = Path.cwd()
    back = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    assert _libc.unshare(_CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
    assert _libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None) == 0
    try:
        yield
    finally:
        assert _libc.setns(back, _CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
        os.close(back)
        os.chdir(folder)
