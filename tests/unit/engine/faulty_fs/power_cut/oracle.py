"""What a power cut must leave, worked out the slow way: all that was done is done once more, as far as it is durable.

Written apart from ``durability.py``, which undoes; the two have nothing but the promises in common. Files are known by
numbers, folders too; folder 0 is the root.
"""

from typing import NamedTuple

BLOCK = 4096


class Names(NamedTuple):
    """Names lead elsewhere, in one step: (folder, name) → number or None."""

    number_of: dict
    about: tuple


class Event(NamedTuple):
    """Something that happened to one file: ``made``, ``wrote``, ``sized``, ``grew``, ``out`` (its data is on disk)."""

    kind: str
    number: int
    data: bytes = b""
    offset: int = 0
    size: int = 0


class Oracle:
    """``events`` are in order. An index in it is a moment; what is before ``reached`` is durable metadata."""

    def __init__(self, like, start):
        """``start``: content by path, as it is on disk before anything is done; None for a folder."""
        self.like = like
        self.events = []
        self.kinds = {0: "folder"}
        self.first = {}
        self.contents = {}
        self.reached = 0
        self.reached_of = {}
        self.live = {}
        self.at_close = set()
        paths = {"": 0}
        for path, content in sorted(start.items()):
            parent, _, name = path.rpartition("/")
            paths[path] = self._new("folder" if content is None else "file")
            self.first[(paths[parent], name)] = paths[path]
            self.contents[paths[path]] = content
            self.live[paths[path]] = content or b""
        self.now = dict(self.first)

    def _new(self, kind):
        number = len(self.kinds)
        self.kinds[number] = kind
        return number

    def find(self, path):
        number = 0
        for name in path.split("/") if path else ():
            number = self.now.get((number, name))
            if number is None:
                return None
        return number

    def place(self, path):
        parent, _, name = path.rpartition("/")
        return self.find(parent), name

    # ---- what is done ----

    def _names(self, changed, *about):
        self.events.append(Names(changed, about))
        for place, number in changed.items():
            self.now.pop(place, None)
            if number is not None:
                self.now[place] = number

    def make(self, path, kind):
        number = self._new(kind)
        self._names({self.place(path): number}, number)
        self.live[number] = b""
        if kind == "file":
            self.events.append(Event("made", number))

    def link(self, path, to):
        self._names({self.place(to): self.find(path)}, self.find(path))

    def remove(self, path):
        self._names({self.place(path): None}, self.find(path))

    def rename(self, path, to):
        number, other = self.find(path), self.find(to)
        if number == other:
            return
        if other is not None and self.like == "ext4":
            self._out(number)
        self._names({self.place(path): None, self.place(to): number}, number, other)

    def write(self, path, offset, data):
        number = self.find(path)
        before = self.live[number]
        end = offset + len(data)
        self.live[number] = before[:offset].ljust(offset, b"\0") + data + before[end:]
        self.events.append(Event("wrote", number, data, offset))
        allocated = self._on_disk(number)
        block_end = -(-allocated // BLOCK) * BLOCK
        if self.like == "ext4" and end > len(before) and allocated % BLOCK and offset <= block_end:
            grown = min(end, block_end)
            if grown > self._size_told(number):
                self.events.append(Event("grew", number, size=grown))

    def truncate(self, path, size):
        number = self.find(path)
        before = self.live[number]
        self.events.append(Event("sized", number, size=size))
        self.live[number] = before[:size].ljust(size, b"\0")
        if size == 0 and before and self.like == "ext4":
            self.at_close.add(number)

    def shut(self, path):
        number = self.find(path)
        if number in self.at_close:
            self._out(number)

    def fsync(self, path, *, only_data):
        number = self.find(path)
        if self.kinds[number] == "file":
            self._out(number)
        if self.like == "posix":
            self.reached_of[number] = len(self.events)
        elif self.kinds[number] == "folder":
            self.reached = len(self.events)
        else:
            self.reached = max(self.reached, self._last_on(number, only_data=only_data))

    def _out(self, number):
        if self.live[number] or any(item for item in self._of(number)):
            self.events.append(Event("out", number, self.live[number], size=len(self.live[number])))
        self.at_close.discard(number)

    def _of(self, number):
        return [event for event in self.events if isinstance(event, Event) and event.number == number]

    def _size_told(self, number):
        size = len(self.contents.get(number) or b"")
        for item in self._of(number):
            if item.kind in ("sized", "grew", "out"):
                size = item.size
        return size

    def _on_disk(self, number):
        """So many of its bytes have blocks."""
        size = len(self.contents.get(number) or b"")
        for item in self._of(number):
            if item.kind == "out":
                size = item.size
            elif item.kind == "sized":
                size = min(size, item.size)
        return size

    def _last_on(self, number, *, only_data):
        """The moment after the last metadata operation that an fsync of this file waits for."""
        last, told = 0, len(self.contents.get(number) or b"")
        for index, event in enumerate(self.events):
            if isinstance(event, Names):
                if number in event.about and not only_data:
                    last = index + 1
            elif event.number == number and event.kind == "wrote":
                # The times of the file change with it, in the transaction of that moment.
                last = last if only_data else index + 1
            elif event.number == number:
                # Data without a new block or size is no metadata.
                last = index + 1 if event.kind != "out" or event.size != told else last
                told = event.size
        return last

    # ---- what is left ----

    def is_a_tree(self, forget):
        """Whether each folder has one place. Where names are durable each for itself it may have two."""
        led_to = [item for item in self._names_left(forget).values() if self.kinds[item] == "folder"]
        return len(led_to) == len(set(led_to))

    def tree(self, forget):
        """Path → content, or None of a folder."""
        found, todo = {}, [(0, "")]
        names = self._names_left(forget)
        while todo:
            folder, path = todo.pop()
            for (parent, name), number in names.items():
                if parent == folder:
                    here = f"{path}/{name}".lstrip("/")
                    found[here] = None if self.kinds[number] == "folder" else self._left(number, forget)
                    if self.kinds[number] == "folder":
                        todo.append((number, here))
        return found

    def _reached(self, number, forget):
        if forget in ("data", "half"):
            return len(self.events)
        return self.reached_of.get(number, 0) if self.like == "posix" else self.reached

    def _names_left(self, forget):
        names = dict(self.first)
        for index, event in enumerate(self.events):
            if isinstance(event, Names):
                for place, number in event.number_of.items():
                    if index < self._reached(place[0], forget):
                        names.pop(place, None)
                        if number is not None:
                            names[place] = number
        return names

    def _left(self, number, forget):
        """The disk's own bytes and size of a file, followed from its beginning to where the journal ends."""
        reached = self._reached(number, forget)
        disk = live = self.contents.get(number) or b""
        size = len(disk)
        for index, event in enumerate(self.events):
            if not isinstance(event, Event) or event.number != number:
                continue
            if event.kind == "wrote":
                end = event.offset + len(event.data)
                live = live[: event.offset].ljust(event.offset, b"\0") + event.data + live[end:]
            elif event.kind == "out":
                disk = event.data
                size = event.size if index < reached else size
            elif event.kind == "grew":
                size = event.size if index < reached else size
            elif event.kind == "sized":
                shrinks = event.size < len(live)
                if shrinks and index >= reached and size > 0:
                    return disk[:size].ljust(size, b"\0")  # its blocks are not free before that is durable
                if index < reached:
                    size = event.size
                live = live[: event.size].ljust(event.size, b"\0")
                disk = disk[: event.size]
        if forget == "half":
            kept = live[: len(disk) + max(0, len(live) - len(disk)) // 2]
            return kept.ljust(size, b"\0")
        return (live if forget == "entries" else disk)[:size].ljust(size, b"\0")
