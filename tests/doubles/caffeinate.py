"""caffeinate(8): ``[-dimsu] [-t seconds] [-w pid]``. It keeps the system awake until the process ``pid`` ends.

The real one stays until then; this one notes it and ends, and what it noted counts for as long as that process lives.
"""

from tests.doubles.processes import lives
from tests.doubles.state import Refused


def run(name, argv, mac):
    """Options may stand one by one; ``-w`` and ``-t`` take a number. Without ``-w`` it would stay for ever: refused."""
    watched, words = None, list(argv)
    while words:
        word = words.pop(0)
        if word in ("-w", "-t"):
            number = words.pop(0) if words else ""
            if not number.isdigit():
                raise Refused(
                    64, "usage: caffeinate [-disu] [-t timeout] [-w Process ID] [command arguments...]"
                )
            watched = int(number) if word == "-w" else watched
        elif not word.startswith("-") or not word[1:] or set(word[1:]) - set("dimsu"):
            raise Refused(64, f"caffeinate: illegal option or a command of its own: {word}")
    if watched is None:
        raise Refused(64, "the double of caffeinate takes -w only")
    mac.setdefault("awake", []).append(watched)
    return ""


def left(mac):
    """Assertions whose process lives."""
    return [f"kept awake for process {pid}" for pid in mac.get("awake", []) if lives(pid)]
