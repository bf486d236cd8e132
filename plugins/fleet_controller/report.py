"""The report of a run: what ``collect`` gathered, written down, and whether a person has to be worried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_controller.errors import Problems, UserError, did_you_mean, listed
from fleet_controller.files import stored, write_atomic, write_bytes_atomic
from fleet_controller.host_result import wrong_with
from fleet_controller.junit import JUNIT, junit
from fleet_controller.results import RESULTS
from fleet_controller.runs import LATEST
from fleet_controller.text import in_one_line, number_of, plain
from fleet_stress.verdict import ERROR, FAILED, NOT_EXERCISED, ORDER

#: Verdicts that make the play fail, if nobody says otherwise.
FAIL_ON = (FAILED, ERROR, NOT_EXERCISED)
#: What two reports of the same evidence may differ in.
_CLOCK = ("finished", "seconds")


def run_folder(results_dir: Path, run_id: Any) -> Path:
    """The folder of a run; empty or ``latest`` means the newest. Raises UserError: there is no such run."""
    name = str(run_id or LATEST)
    folder = results_dir / name
    if name == LATEST and folder.is_symlink():
        folder = results_dir / folder.readlink()
    if Path(name).name != name or name.startswith(".") or not (folder / "run.json").is_file():
        there = sorted(
            path.parent.name for path in results_dir.glob("*/run.json") if path.parent.name != LATEST
        )
        why = f"there is: {listed(there[-5:])}"
        raise UserError(
            f"there is no run `{plain(name, 100)}`", str(results_dir), why, did_you_mean(name, there)
        )
    return folder


def fail_on(asked: Any) -> tuple[str, ...]:
    """The verdicts that make the play fail: text with commas or a list; nothing means the usual ones.

    Raises UserError for what is no verdict.
    """
    parts = [asked] if asked is None or isinstance(asked, str) else asked
    if not isinstance(parts, (list, tuple)) or not all(one is None or isinstance(one, str) for one in parts):
        do = f"write -e fail_on={','.join(FAIL_ON)}"
        raise UserError(f"{plain(asked, 100)!r} names no verdicts", "fail_on", "verdicts are text", do)
    words = [str(word) for one in parts for word in re.split(r"[\s,]+", one or "") if word]
    problems = Problems()
    for word in words:
        if word not in ORDER:
            why = f"there is: {listed(ORDER)}"
            problems.add(f"unknown verdict `{plain(word, 100)}`", "fail_on", why, did_you_mean(word, ORDER))
    problems.raise_any()
    return tuple(dict.fromkeys(words)) or FAIL_ON


def write(folder: Path, results: Mapping[str, Any]) -> bool:
    """Write ``results.json`` and ``junit.xml`` into the run's folder, each in one step.

    Returns False, having written nothing, where both already say the same. Raises OSError.
    """
    xml = junit(results)
    changed = False
    if _without_clock(stored(folder / RESULTS)) != _without_clock(results):
        write_atomic(folder / RESULTS, results)
        changed = True
    path = folder / JUNIT
    if not path.is_file() or path.read_bytes() != xml:
        write_bytes_atomic(path, xml)
        changed = True
    return changed


def complaint(results: Mapping[str, Any], verdicts: Sequence[str], where: str) -> str | None:
    """Why the play has to fail, in one line; None: it has not.

    A host that was not brought to its end, or is not as it was before, counts whatever ``verdicts`` says.
    """
    hosts: Mapping[str, Any] = results["hosts"]
    counts = {word: results["counts"][word] for word in ORDER if word in verdicts}
    counted = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    said = [counted] if counted else []
    wrong = {name: next(wrong_with(host), None) for name, host in hosts.items()}
    troubled = {name: sentence for name, sentence in wrong.items() if sentence}
    if troubled:
        name, sentence = next(iter(troubled.items()))
        more = f" (and {number_of(len(troubled) - 1, 'more host')})" if len(troubled) > 1 else ""
        said.append(f"{plain(name)}: {in_one_line(sentence, 200)}{more}")
    if not hosts:
        said.append("no host took part")
    if not said:
        return None
    total = sum(results["counts"].values())
    size = f"{number_of(total, 'scenario')} on {number_of(len(hosts), 'host')}"
    return f"{'; '.join(said)}. {size}; see {where}"


def _without_clock(results: Any) -> Any:
    if not isinstance(results, Mapping):
        return None
    return {name: value for name, value in results.items() if name not in _CLOCK}
