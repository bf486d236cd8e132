"""A command in a terminal of its own, and what is to be seen there. As a command it records one:

    python -m tests.play.terminal OUT COLUMNS LINES EVERY COMMAND...

writes ``OUT.cast`` (asciicast v2, a picture every so many seconds; `asciinema play`) and ``OUT.svg``, the fullest one.
"""

import contextlib
import fcntl
import io
import itertools
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parents[2]
#: Whoever hangs is ended; nothing is judged by it. Seconds.
WITHIN = 240
#: Without a font that a viewer would have to fetch.
_SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>.{unique_id}-matrix {{ font-family: Menlo, Consolas, monospace; font-size: {char_height}px; line-height: \
{line_height}px; white-space: pre; }} {styles}</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
{chrome}<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g></svg>
"""


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, argv, columns=110, lines=30):
        self.screen = pyte.HistoryScreen(columns, lines, history=1000)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            # Before it begins: on a busy machine the first picture may come before the parent's turn.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.chdir(ROOT)
            # xdist tells its workers how wide its own terminal is.
            own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            os.execvpe(argv[0], argv, {**own, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})

    @property
    def lines(self):
        """What has scrolled away, and what is to be seen."""
        gone = ["".join(line[x].data for x in range(self.screen.columns)) for line in self.screen.history.top]
        return [text.rstrip() for text in [*gone, *self.screen.display]]

    def until(self, seen):
        """Read on until something is to be seen; the line that it is seen in."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            for line in self.lines:
                if seen(line):
                    return line
            if not self.read():
                break
        raise AssertionError("\n".join(self.lines))

    def wait(self):
        """Read to the end; the exit code."""
        deadline = time.monotonic() + WITHIN
        while self.read():
            assert time.monotonic() < deadline, "\n".join(self.lines)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def press_ctrl_c(self):
        os.write(self._master, b"\x03")

    def read(self):
        """Take in what it prints for a second at most; False: it has ended."""
        try:
            if select.select([self._master], [], [], 1.0)[0]:
                data = os.read(self._master, 65_536)
                self._stream.feed(data)
                return bool(data)
        except OSError:  # nobody has it open any more
            return False
        return True

    def close(self):
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)


def record(out, columns, lines, every, argv):
    """Run a command, and keep what is to be seen of it every so many seconds, and at its end."""
    terminal, began, frames = Terminal(argv, columns, lines), time.monotonic(), []
    goes_on = True
    while goes_on:
        goes_on = terminal.read()
        now = time.monotonic() - began
        if not frames or now - frames[-1][0] >= every or not goes_on:
            frames.append((now, list(_drawn(terminal.screen))))
    with Path(f"{out}.cast").open("w", encoding="utf-8") as cast:
        cast.write(json.dumps({"version": 2, "width": columns, "height": lines}) + "\n")
        for now, picture in frames:
            cast.write(json.dumps([round(now, 1), "o", _ansi(picture, columns)]) + "\n")
    console = Console(record=True, width=columns, file=io.StringIO(), highlight=False)
    for item in max((picture for _, picture in frames), key=_worth_showing):
        console.print(item, no_wrap=True, crop=True)
    title = "ansible-playbook stress.yml"
    Path(f"{out}.svg").write_text(console.export_svg(title=title, code_format=_SVG), encoding="utf-8")
    return terminal.wait()


def _worth_showing(picture):
    """Hosts at work, half-way through; a picture that is not being drawn just now ends in the line of all."""
    told = re.search(r"; (\d+) of (\d+) verdicts", picture[-1].plain) if picture else None
    if not told or "left" not in picture[-1].plain:
        return -1.0
    at_work = sum(": wait" in item.plain or ": send" in item.plain for item in picture)
    return at_work / len(picture) - 2 * abs(int(told[1]) / int(told[2]) - 0.5)


def _drawn(screen):
    """The screen's lines, with their colours, as far as anything is on them."""
    last = max((y for y, line in enumerate(screen.display) if line.strip()), default=-1)
    for y in range(last + 1):
        line = Text()
        cells = [screen.buffer[y][x] for x in range(screen.columns)]
        for (colour, bold), some in itertools.groupby(cells, key=lambda item: (_known(item.fg), item.bold)):
            line.append("".join(item.data for item in some), Style(color=colour, bold=bold))
        line.rstrip()
        yield line


def _known(colour):
    """A colour of the emulator's as rich names it."""
    names = {"default": None, "brown": "yellow"}
    is_hex = len(colour) == 6 and all(item in "0123456789abcdef" for item in colour)
    return f"#{colour}" if is_hex else names.get(colour, colour)


def _ansi(picture, columns):
    console = Console(width=columns, force_terminal=True, color_system="truecolor", highlight=False)
    with console.capture() as captured:
        for item in picture:
            console.print(item, no_wrap=True, crop=True)
    return "\x1b[H\x1b[2J" + captured.get().replace("\n", "\r\n")


if __name__ == "__main__":
    name, wide, high, seconds, *command = sys.argv[1:]
    sys.exit(record(name, int(wide), int(high), float(seconds), command))
