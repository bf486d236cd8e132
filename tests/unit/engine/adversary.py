"""A bot that acts against us: a real process of the bots' user, beside what is tested."""

import contextlib
import os
import signal

from fleet_stress.store.bare_python.flat_removal import remove_flat
from fleet_stress.system.process import User

#: The account of such a bot.
BOT = User("nobody", 65534, 65534)


@contextlib.contextmanager
def acting(act, folder, *arguments):
    """A process of that user calls ``act`` in a folder again and again as long as the block lasts.

    It got into the folder before it lost root's rights: the way there, which is pytest's, is closed to others. Errors
    are its own business.
    """
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            os.setgroups([])
            os.setgid(BOT.gid)
            os.setuid(BOT.uid)
            while True:
                with contextlib.suppress(Exception):
                    act(*arguments)
        finally:
            os._exit(1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@contextlib.contextmanager
def deep_tree_at(top, levels):
    """A deep tree that is gone again afterwards: pytest's own removal would fail at it, in later runs as well."""
    try:
        deep_tree(top, levels)
        yield
    finally:
        remove_flat(top)


def deep_tree(top, levels):
    """Folders in each other, deeper than any path can name: made step by step, by descriptors. To be removed again."""
    top.mkdir()
    folder = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("folder", dir_fd=folder)
        below = os.open("folder", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(os.open("file", os.O_CREAT, dir_fd=folder))
    os.close(folder)
