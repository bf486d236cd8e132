"""What is mounted, from what the system prints."""

from __future__ import annotations

import re
from typing import NamedTuple

_OF_MACOS = re.compile(r"(?P<device>.+?) on (?P<point>/.*) \((?P<kind>[^,()]+)[^()]*\)")


class Mounted(NamedTuple):
    """What is mounted where. ``source`` is what whoever mounted it has called it."""

    point: str
    kind: str
    source: str
    #: Of the file system: ``major:minor`` on Linux, a file of /dev on macOS.
    device: str = ""
    #: Of the mount itself, and of the one that it lies on; 0 where the system has none.
    number: int = 0
    parent: int = 0


def of_linux(mountinfo: str) -> list[Mounted]:
    """The lines of /proc/self/mountinfo (proc_pid_mountinfo(5)), the newest last; one that is cut off is left out."""
    found = []
    for line in mountinfo.split("\n"):
        place, _, rest = line.partition(" - ")
        words, about = place.split(" "), rest.split(" ")
        if len(words) > 4 and len(about) > 1 and words[0].isdecimal() and words[1].isdecimal():
            number, parent = int(words[0]), int(words[1])
            found.append(Mounted(_plain(words[4]), about[0], _plain(about[1]), words[2], number, parent))
    return found


def of_macos(mount: str) -> list[Mounted]:
    """The lines of mount(8), ``SOURCE on POINT (TYPE, …)``, the newest last."""
    lines = [match for match in map(_OF_MACOS.fullmatch, mount.split("\n")) if match]
    return [Mounted(line["point"], line["kind"], line["device"], line["device"]) for line in lines]


def _plain(text: str) -> str:
    """Space, tab, newline and backslash are octal numbers in mountinfo."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
