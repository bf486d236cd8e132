"""Recordings in a few words: ``cycle("open a", "write a", "rename a.tmp a")``, a moment after the other."""

from fleet_stress.scenario.crash_points.compare import Recorded, steady
from fleet_stress.scenario.crash_points.operations import Operation

_STILL = ("fsync", "open")
#: When all of them were made (time.time).
NOW = 1_764_133_200.0


def operation(words, at, folder="state"):
    """A write is of ten bytes, unless its name says otherwise: ``write a 1``."""
    name, *paths = words.split()
    size = int(paths.pop()) if paths[-1].isdigit() and name == "write" else 10 * (name == "write")
    return Operation(float(at), name, folder, tuple(paths), 7, name not in _STILL, size)


def recording(*cycles):
    """All operations of some cycles, and after which each ends."""
    done, ends = [], []
    for cycle in cycles:
        done += [operation(words, len(done) + number) for number, words in enumerate(cycle)]
        ends.append(len(done))
    return Recorded(done, ends)


def steady_of(*recordings):
    return steady([recorded for recorded in recordings if recorded.cycles], NOW)


#: What a careful bot does for one file.
SAVE = ("create a.tmp", "write a.tmp", "fsync a.tmp", "rename a.tmp a")
