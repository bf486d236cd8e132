"""Recordings in a few words: ``cycle("open a", "write a", "rename a.tmp a")``, a moment after the other."""

from fleet_stress.scenario.crash_points.operations import Operation

_STILL = ("fsync", "open")


def operation(words, at, folder="state"):
    name, *paths = words.split()
    return Operation(float(at), name, folder, tuple(paths), 7, name not in _STILL)


def recording(*cycles):
    """All operations of some cycles, and after which each ends."""
    done, ends = [], []
    for cycle in cycles:
        done += [operation(words, len(done) + number) for number, words in enumerate(cycle)]
        ends.append(len(done))
    return done, ends


#: What a careful bot does for one file.
SAVE = ("create a.tmp", "write a.tmp", "fsync a.tmp", "rename a.tmp a")
