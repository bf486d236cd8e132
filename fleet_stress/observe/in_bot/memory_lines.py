"""Tells which lines of a Python bot hold how much memory, now and then (``-e explain_memory=true``).

As ``sitecustomize`` on the bot's PYTHONPATH (``observe/explained_memory.py`` puts it there), so no code of the bot is
touched. It uses built-in modules alone: what a bot finds in ``sys.modules`` is as always. ``_tracemalloc`` is what the
module ``tracemalloc`` is made of.
"""

from __future__ import annotations

import posix
import sys
import time

#: Seconds between two looks at first; later an eighth of the time since the start, so that hours cost no more.
_FIRST, _SHARE = 1.0, 8
#: A pause is so many times as long as the look before it took.
_COST = 5
#: Lines that are told in each look.
_MOST = 100
_HERE = __file__.rpartition("/")[0]


def _look(folder: str) -> None:
    began = time.monotonic()
    pause = _FIRST
    while True:
        time.sleep(pause)
        now = time.monotonic()
        try:
            _tell(f"{folder}/records/{posix.getpid()}.lines", now)
        except Exception:  # whatever happens to us must not happen to the bot
            return
        done = time.monotonic()
        pause = max(_FIRST, (done - now) * _COST, (done - began) / _SHARE)


def _tell(path: str, now: float) -> None:
    """Append a look: ``now``, bytes, objects, number of the line, file; tabs between them."""
    import _tracemalloc

    sums: dict[tuple[str, int], list[int]] = {}
    for trace in _tracemalloc._get_traces():
        name, line = trace[2][0][:2]
        if name != __file__:
            known = sums.setdefault((name, line), [0, 0])
            known[0] += trace[1]
            known[1] += 1
    largest = sorted(sums.items(), key=lambda item: -item[1][0])[:_MOST]
    told = "".join(
        f"{now:.3f}\t{size}\t{count}\t{line}\t{ascii(name)[1:-1]}\n"
        for (name, line), (size, count) in largest
    )
    descriptor = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND | posix.O_CLOEXEC, 0o600)
    try:
        posix.write(descriptor, told.encode("ascii"))
    finally:
        posix.close(descriptor)


def _begin() -> None:
    import _thread
    import _tracemalloc

    folder = _HERE.rpartition("/")[0]

    def start() -> None:
        _thread.start_new_thread(_look, (folder,))

    _tracemalloc.start(1)
    posix.register_at_fork(after_in_child=start)
    start()


if __name__ == "sitecustomize":
    try:
        _begin()
    except Exception:  # an older Python, or another one: it tells nothing
        pass
    sys.path[:] = [entry for entry in sys.path if entry != _HERE]
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
