"""A terminal with a picture at its foot: drawn anew as news come in, and everything else goes above it."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fleet_controller.runs import progress_channel
from fleet_controller.runs.progress_view import Host, picture

#: Seconds between two pictures at least.
_FRAME = 0.25
#: What is over sooner needs no picture, in seconds.
_PATIENCE = 0.5


class Screen:
    """Draws in a thread of its own.

    Args:
        lock: Held while something is drawn. Ansible forks its workers under the same one (that of its Display), so
            none is forked in the middle of a picture.
        out: The terminal.
    """

    def __init__(self, lock: Any, out: TextIO) -> None:
        self._lock, self._out = lock, out
        self._console = Console(file=out, force_terminal=True, highlight=False, markup=False, emoji=False)
        self._hosts: dict[str, Host] = {}
        self._live: Live | None = None
        self._streams: dict[str, TextIO] = {}
        self._socket = progress_channel.listen()
        self._over = threading.Event()
        # Whatever a drawing imports is imported before anybody is forked.
        self._console.render_lines(self._picture())
        self._thread = threading.Thread(target=self._watch, name="screen", daemon=True)
        self._thread.start()

    def begins(self, host: str, task: str) -> None:
        """A host begins a task."""
        with self._lock:
            known = self._hosts.get(host, Host(host))
            self._hosts[host] = known._replace(task=task, since=time.monotonic())

    def ends(self, host: str, *, failed: bool = False) -> None:
        """A host has ended its task, or failed in it."""
        with self._lock:
            known = self._hosts.get(host)
            if known is not None:
                self._hosts[host] = known._replace(task="", failed=known.failed or failed)

    def clear(self) -> None:
        """Take the picture away, and forget the hosts: a play is over."""
        with self._lock:
            self._take_down()
            self._hosts.clear()

    def close(self) -> None:
        """Take the picture away for good; repeatable."""
        self._over.set()
        self._thread.join(timeout=5)
        self.clear()

    def above(self, lines: str) -> None:
        """Print lines, colours and all, above the picture."""
        self._console.print(Text.from_ansi(lines), soft_wrap=True)

    def _watch(self) -> None:
        drawn = 0.0
        while not self._over.is_set():
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                state = progress_channel.heard(self._socket, _FRAME)
                if state is not None:
                    with self._lock:
                        known = self._hosts.get(state.host, Host(state.host))
                        self._hosts[state.host] = known._replace(state=state)
            if time.monotonic() - drawn >= _FRAME:
                with self._lock:
                    self._draw()
                drawn = time.monotonic()

    def _picture(self) -> Any:
        width, height = self._console.size
        return picture(
            list(self._hosts.values()),
            time.monotonic(),
            width,
            height,
            signs=not self._console.options.ascii_only,
        )

    def _draw(self) -> None:
        now = time.monotonic()
        if self._live is None:
            if not any(host.task and now - host.since > _PATIENCE for host in self._hosts.values()):
                return
            self._put_up()
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)

    def _put_up(self) -> None:
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()
        # Whoever is killed leaves a terminal that shows where one types.
        self._console.show_cursor(True)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream.isatty():
                self._streams[name] = stream
                setattr(sys, name, _Above(self.above, stream))

    def _take_down(self) -> None:
        if self._live is None:
            return
        for name, stream in self._streams.items():
            getattr(sys, name).flush()
            setattr(sys, name, stream)
        self._streams.clear()
        self._live.stop()
        self._live = None


class _Above(io.TextIOBase):
    """In the place of a stream that leads to the terminal: whole lines go above the picture."""

    def __init__(self, lines: Callable[[str], None], stream: TextIO) -> None:
        self._lines, self._stream, self._begun = lines, stream, ""

    def write(self, text: str) -> int:
        lines, ends, begun = text.rpartition("\n")
        if ends:  # all of them at once: the picture is drawn anew below each
            self._lines(self._begun + lines)
            self._begun = ""
        self._begun += begun
        return len(text)

    def flush(self) -> None:
        if self._begun:
            self._lines(self._begun)
            self._begun = ""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding
