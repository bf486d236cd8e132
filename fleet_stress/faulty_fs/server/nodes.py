"""The inodes that the kernel knows from us, each held by a descriptor of the real one (O_PATH, open(2)).

So a file keeps its identity when it is renamed, linked or unlinked while open. A number is never used for another
file while the kernel may still refer to it, because the descriptor keeps the inode from being freed.
"""

from __future__ import annotations

import os
import threading

#: libfuse's number of the root (FUSE_ROOT_ID).
ROOT = 1


class Node:
    """One inode. ``parent`` and ``name``: where it was last seen, which rules and log use."""

    def __init__(self, number: int, descriptor: int, key: tuple[int, int]) -> None:
        self.number, self.descriptor, self.key = number, descriptor, key
        self.lookups = 0
        self.parent: int | None = None
        self.name = ""

    @property
    def path(self) -> str:
        """A path for calls that take no descriptor: the link leads to exactly this inode (proc(5))."""
        return f"/proc/self/fd/{self.descriptor}"


class Nodes:
    """All known inodes, by number."""

    def __init__(self, root: int) -> None:
        """``root``: a descriptor of the folder, which we take over."""
        status = os.fstat(root)
        self._lock = threading.Lock()
        self._root = Node(ROOT, root, (status.st_dev, status.st_ino))
        self._by_number = {ROOT: self._root}
        self._by_key = {self._root.key: self._root}
        self._next = ROOT + 1

    def __getitem__(self, number: int) -> Node:
        return self._by_number[number]

    def look_up(self, parent: int, name: str) -> tuple[Node, os.stat_result]:
        """The node of a name, with one more lookup by the kernel. Raises OSError."""
        descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=self[parent].descriptor)
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino)
        with self._lock:
            node = self._by_key.get(key)
            if node is None:
                node = Node(self._next, descriptor, key)
                self._next += 1
                self._by_number[node.number] = self._by_key[key] = node
            else:
                os.close(descriptor)
            if node is not self._root:
                node.lookups += 1
                node.parent, node.name = parent, name
        return node, status

    def moved(self, old: tuple[int, str], new: tuple[int, str]) -> None:
        """A name was renamed."""
        with self._lock:
            for node in self._by_number.values():
                if (node.parent, node.name) == old:
                    node.parent, node.name = new

    def forget(self, number: int, lookups: int) -> None:
        """The kernel drops so many lookups; the last one releases the node."""
        with self._lock:
            node = self._by_number.get(number)
            if node is None or node is self._root:
                return
            node.lookups -= lookups
            if node.lookups <= 0:
                del self._by_number[number]
                del self._by_key[node.key]
                os.close(node.descriptor)

    def where(self, number: int, name: str | None = None) -> str:
        """Its path in the folder (or that of a name in it), as far as known; ``.`` is the folder itself."""
        parts = [] if name is None else [name]
        with self._lock:
            node = self._by_number.get(number)
            while node is not None and node is not self._root and len(parts) < 100:
                parts.append(node.name)
                node = self._by_number.get(node.parent or ROOT)
        return "/".join(reversed(parts)) or "."
