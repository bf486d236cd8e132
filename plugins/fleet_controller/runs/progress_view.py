"""What a person sees while runs go on: one line a host, and never more than one screen. Pure: states in, text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fleet_controller.messages.text import duration, in_one_line, number_of
from fleet_controller.runs.progress import Bad, State
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED

#: In the order that they are counted in: sign, where the terminal has it; letter, where not; style.
SIGNS = {
    PASSED: ("✔", "+", "green"),
    FAILED: ("✘", "F", "bold red"),
    NOT_EXERCISED: ("?", "?", "yellow"),
    SKIPPED: ("·", "-", "cyan"),
    ERROR: ("!", "!", "bold red"),
}
#: Characters of a host's name; lines of bad verdicts.
_NAME, _BAD = 24, 4
#: A screen has so many lines at least, whatever a terminal says of itself.
_LEAST = 8
#: A bar is so wide.
_BAR = 16
#: A terminal of so many characters has room for bars beside what hosts do.
_ROOMY = 100
#: Less than that is left too shortly to be a number, in seconds.
_SOON = 2.0


class Host(NamedTuple):
    """One host as the screen knows it: how far its plan is, or the task that it is at."""

    name: str
    state: State | None = None
    #: The task in progress, and since when; empty between two tasks.
    task: str = ""
    since: float = 0.0
    #: Whether a task has failed on it, which is told above the picture.
    failed: bool = False

    @property
    def of_plan(self) -> int:
        """How many scenarios have their verdict."""
        return sum(self.state.counts.values()) if self.state else 0


def picture(
    hosts: Sequence[Host], now: float, width: int, height: int, *, signs: bool = True
) -> RenderableType:
    """All hosts on one screen.

    Args:
        hosts: In the order that they are shown in.
        now: Seconds of ``time.monotonic``.
        width: Of the terminal, in characters.
        height: Of the terminal, in lines.
        signs: Whether the terminal can show more than ASCII.
    """
    bad = [(host.name, bad) for host in hosts if host.state for bad in host.state.bad][-_BAD:]
    shown, hidden = _fitting(hosts, max(_LEAST, height) - 3 - len(bad))
    parts: list[RenderableType] = [_lines(shown, now, width, signs=signs)]
    if hidden:
        parts.append(Text(_rest(hidden), style="dim", no_wrap=True, overflow="ellipsis"))
    parts += [_bad(name, item, width, signs=signs) for name, item in bad]
    parts.append(_total(hosts, now, signs=signs))
    return Group(*parts)


def _fitting(hosts: Sequence[Host], lines: int) -> tuple[list[Host], list[Host]]:
    """Who is shown and who is only counted: those at work come first, in their usual order."""
    if len(hosts) <= lines:
        return list(hosts), []
    # One line is the rest's.
    chosen = sorted(hosts, key=lambda item: not item.task)[: max(1, lines - 1)]
    names = {item.name for item in chosen}
    return [host for host in hosts if host.name in names], [host for host in hosts if host.name not in names]


def _lines(hosts: Sequence[Host], now: float, width: int, *, signs: bool) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=_NAME)
    roomy = width >= _ROOMY and any(host.state for host in hosts)
    if roomy:
        grid.add_column(width=_BAR)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    for host in hosts:
        bar = [_bar(host, now)] if roomy else []
        grid.add_row(
            Text(host.name), *bar, _far(host), _counts(host, signs=signs), _doing(host, now), _left(host, now)
        )
    return grid


def _bar(host: Host, now: float) -> RenderableType:
    """By time: the first rows of a plan take most of it, alone on the host."""
    if host.state is None:
        return Text("")
    gone, left = host.state.elapsed + now - host.state.at, max(0.0, host.state.left - (now - host.state.at))
    return ProgressBar(
        total=1.0,
        completed=1.0 if _done(host) else gone / max(gone + left, _SOON),
        width=_BAR,
        complete_style="cyan",
        finished_style="green",
    )


def _far(host: Host) -> Text:
    return Text(f"{host.of_plan}/{host.state.scenarios}" if host.state else "")


def _counts(host: Host, *, signs: bool) -> Text:
    return _counted(host.state.counts if host.state else {}, signs=signs)


def _counted(counts: Mapping[str, int], *, signs: bool) -> Text:
    found = Text()
    for verdict, (sign, letter, style) in SIGNS.items():
        if counts.get(verdict):
            found.append(f"{sign if signs else letter}{counts[verdict]} ", style)
    found.rstrip()
    return found


def _doing(host: Host, now: float) -> Text:
    """``sigkill_restart: wait for first cycle, 3 s (and 2 more)``, or the task that the host is at."""
    doing = host.state.doing if host.state else []
    if doing and host.task:
        # The youngest step: what stands longest is the long row that everybody waits for.
        one = doing[-1]
        more = f" (and {len(doing) - 1} more)" if len(doing) > 1 else ""
        return Text(f"{one.scenario}: {one.step}, {duration(max(0.0, now - one.since))}{more}")
    if host.task and _done(host):
        return Text("brings its results", style="dim")
    if host.task:
        return Text(f"{host.task}, {duration(max(0.0, now - host.since))}", style="dim")
    if host.failed:
        return Text("left alone: it has a problem, see above", style="red")
    return Text("done" if _done(host) else "waits", style="dim")


def _left(host: Host, now: float) -> Text:
    if host.state is None or not host.state.doing:
        return Text("")
    left = host.state.left - (now - host.state.at)
    return Text(f"{duration(left)} left" if left > _SOON else "soon", style="dim")


def _rest(hidden: Sequence[Host]) -> str:
    done, failed = sum(_done(item) for item in hidden), sum(item.failed and not item.task for item in hidden)
    told = [f"{done} done"] if done else []
    told += [f"{failed} with a problem"] if failed else []
    told += [f"{len(hidden) - done - failed} at work or waiting"] if done + failed < len(hidden) else []
    return f"… and {number_of(len(hidden), 'more host')}: {', '.join(told)}"


def _bad(name: str, bad: Bad, width: int, *, signs: bool) -> Text:
    sign, letter, style = SIGNS[bad.verdict]
    found = Text(no_wrap=True, overflow="ellipsis")
    found.append(f"{sign if signs else letter} {bad.verdict} ", style)
    found.append(in_one_line(f"{name} {bad.row} {bad.scenario}: {bad.reason}", max(20, width)))
    return found


def _total(hosts: Sequence[Host], now: float, *, signs: bool) -> Text:
    """All hosts in one line, which says what the signs mean."""
    known = [host.state for host in hosts if host.state]
    many = max([len(hosts), *(item.hosts for item in known)])
    done = sum(_done(host) for host in hosts)
    failed = sum(host.failed for host in hosts)
    told = [
        f"{number_of(many, 'host')}{f', {done} done' if done else ''}{f', {failed} with a problem' if failed else ''}"
    ]
    counts: Counter[str] = Counter()
    for item in known:
        counts.update(item.counts)
    if known:
        told.append(f"{sum(counts.values())} of {sum(item.scenarios for item in known)} verdicts")
    total = Text("; ".join(told), no_wrap=True, overflow="ellipsis")
    for verdict, (sign, letter, style) in SIGNS.items():
        if counts.get(verdict):
            total.append(f"   {sign if signs else letter} {counts[verdict]} {verdict}", style)
    left = max((item.left - (now - item.at) for item in known if item.doing), default=0.0)
    if left > _SOON:
        total.append(f"   about {duration(left)} left", "bold")
    return total


def _done(host: Host) -> bool:
    return host.state is not None and host.of_plan >= host.state.scenarios
