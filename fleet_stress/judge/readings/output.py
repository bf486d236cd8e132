"""What a bot wrote: the output of all its starts and its text logs after the last one. Shared by several checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.observe.snapshot import TAIL_SUFFIX


def texts(case: Case) -> Iterator[tuple[str, str]]:
    """Names in the evidence folder, and what they hold.

    Text logs as they are after the last start; where one has grown too large to be kept whole, what each
    start has added to them.
    """
    for start in case.starts:
        for stream in ("stdout", "stderr"):
            yield start[stream], case.text(start[stream])
    for start in _searched(case):
        for key in case.text_logs(start):
            kept = case.after(start)[key]["kept"]
            whole = kept and len(_searched(case)) == 1
            text = _decoded(case.end_of(start["after"], key)) if whole else case.gained(start, key)[0]
            yield f"{start['after']}/{key}{'' if kept else TAIL_SUFFIX}", text


def texts_of_last(case: Case) -> Iterator[tuple[str, str]]:
    """The same of the last start alone: what it printed, and what each text log gained during it."""
    for start in case.starts[-1:]:
        for stream in ("stdout", "stderr"):
            yield start[stream], case.text(start[stream])
        for key in case.text_logs(start):
            kept = case.after(start)[key]["kept"]
            yield f"{start['after']}/{key}{'' if kept else TAIL_SUFFIX}", case.gained(start, key)[0]


def place(case: Case, name: str) -> str:
    """Where a bot wrote one of these texts: a stream or a log, the same in all its starts and after a rotation."""
    streams = {start[stream]: stream for start in case.starts for stream in ("stdout", "stderr")}
    if name in streams:
        return streams[name]
    _, _, key = name.split("/", 2)
    return case.logs.of(key if case.logs.holds(key) else key[: -len(TAIL_SUFFIX)])


def not_searched(case: Case, what: str) -> Iterator[tuple[str, str]]:
    """Outputs and logs of which too little was read or kept to know all in them, and a sentence that says so."""
    for start in case.starts:
        for name in case.left_out(start):
            yield name, f"{name} was not searched for {what}: it is too long to be read whole"
    for start in _searched(case):
        for key in case.text_logs(start):
            info = case.after(start)[key]
            if not info["kept"] and not case.gained(start, key)[1]:
                how = f"only the last {info['tail']} bytes were kept" if info["tail"] else "no copy was kept"
                yield key, f"{key} was not searched for {what}: {how} of its {info['size']} bytes"


def _searched(case: Case) -> list[Mapping[str, Any]]:
    """The last start, whose logs hold all; all starts where it has a log that was not kept whole."""
    last = case.starts[-1:]
    all_kept = all(case.after(start)[key]["kept"] for start in last for key in case.text_logs(start))
    return last if all_kept else case.starts


def _decoded(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")
