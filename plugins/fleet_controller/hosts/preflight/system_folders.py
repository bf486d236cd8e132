"""Folders of the system's, which cannot be ours."""

from __future__ import annotations

from collections.abc import Sequence

#: Folders that cannot be ours themselves; and trees in which nothing can.
SYSTEM_FOLDERS = (
    *("/", "/home", "/media", "/mnt", "/opt", "/opt/homebrew", "/root", "/run", "/srv", "/tmp", "/usr"),
    *("/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/var", "/usr/share"),
    *("/var", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp"),
    *("/Applications", "/Library", "/Users", "/Volumes"),
    *("/private", "/private/tmp", "/private/var", "/private/var/lib", "/private/var/log"),
)
SYSTEM_TREES = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys"),
    *("/usr/bin", "/usr/lib", "/usr/sbin", "/System", "/private/etc"),
)
#: Trees of macOS in which nothing can be ours: what System Integrity Protection keeps even root from (all of /usr but
#: /usr/local), and what the system alone puts things into.
MACS_TREES = ("/usr", "/cores", "/Network", "/private/var/db", "/private/var/vm")
_MACS_OWN = "/usr/local"


def of_the_system(folder: str, system: str) -> str:
    """The tree of the system that a folder lies in, or ``it`` for a folder of the system's itself; empty: neither."""
    trees: Sequence[str] = SYSTEM_TREES
    folders: Sequence[str] = SYSTEM_FOLDERS
    if system == "Darwin":
        # Its file systems take /SYSTEM for /System, unless somebody has made one that does not.
        folder = folder.casefold()
        inside = f"{folder}/".startswith(f"{_MACS_OWN}/")
        trees = [*SYSTEM_TREES, *(tree for tree in MACS_TREES if not (inside and tree == "/usr"))]
        folders = [known.casefold() for known in SYSTEM_FOLDERS]
        within = (tree for tree in trees if f"{folder}/".startswith(f"{tree.casefold()}/"))
    else:
        within = (tree for tree in trees if f"{folder}/".startswith(f"{tree}/"))
    return next(within, "it" if folder in folders else "")
