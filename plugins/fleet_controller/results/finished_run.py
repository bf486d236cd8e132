"""A run that was reported, here or by another controller: found, read, and believed only after looking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from fleet_controller.catalogue import schema, validity
from fleet_controller.messages.errors import UserError, listed
from fleet_controller.catalogue.project import Project
from fleet_controller.results.results import RESULTS
from fleet_controller.runs.run_folder import FINISHED, run_folder
from fleet_controller.messages.text import cleaned, plain
from fleet_controller.untrusted.bounded_json import read_json

RUN, COMPILED = "run.json", "compiled.json"
#: A host writes some kilobytes into the results of a run. Bytes.
_RESULTS_LIMIT, _OWN_LIMIT = 500_000_000, 20_000_000
_DO = "report it there first, and bring the whole folder: ansible-playbook stress.yml --tags report"
#: Longest name of a folder or a host, in bytes: that of every file system.
_NAME_LIMIT = 255
_SCENARIO = schema.stored("results")["$defs"]["scenario"]["properties"]
_WORDS = {"type": "string", "maxLength": 1_000}
_KNOWN = schema.stored("known")["$defs"]["known"]["properties"]
#: What is used of a compiled command.
_OF_COMPILED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["asked", "bot", "scenarios"],
    "properties": {
        "asked": {
            "type": "array",
            "minItems": 3,
            "maxItems": 10,
            "prefixItems": [_WORDS, _WORDS, {"type": "array", "items": _WORDS}],
            "items": {"type": ["boolean", "string"], "maxLength": 1_000},
        },
        "bot": {"type": "object"},
        "written": {
            "anyOf": [
                {"type": "null"},
                {"type": "object", "additionalProperties": {"type": "object"}},
            ]
        },
        "known": {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["file", "entries"],
                    "properties": {
                        "file": _WORDS,
                        "entries": {"type": "array", "items": {"$ref": "#/$defs/known"}},
                    },
                },
            ]
        },
        "scenarios": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "row", "title"],
                "properties": {
                    "id": {"$ref": "#/$defs/name"},
                    "row": _SCENARIO["row"],
                    "title": {**_SCENARIO["title"], "maxLength": 300},
                },
            },
        },
    },
    "$defs": {
        "name": schema.stored("results")["$defs"]["name"],
        # As ``catalogue/known_findings.py`` has it: every key is there, and the scenarios of the rows.
        "known": {
            "type": "object",
            "required": [*_KNOWN, "scenarios"],
            "properties": {
                **_KNOWN,
                "seen": {"type": ["string", "null"]},
                "link": {"type": ["string", "null"]},
                "expires": {"type": ["string", "null"]},
                "scenarios": {"type": "array", "items": {"$ref": "#/$defs/name"}},
            },
        },
    },
}


class Finished(NamedTuple):
    """A run and what it found. Texts in ``results`` are harmless, names of hosts are names of folders."""

    folder: Path
    #: As ``schemas/results.schema.json`` says.
    results: dict[str, Any]

    @property
    def run_id(self) -> str:
        """Its id."""
        return str(self.results["run_id"])

    def compiled(self) -> dict[str, Any]:
        """What its command was compiled to. Raises UserError."""
        return dict(_read(self.folder / COMPILED, _OWN_LIMIT, _OF_COMPILED))


def find(results_dir: Path, asked: str, project: Project, word: str) -> Finished:
    """The run that an operator names.

    Args:
        results_dir: Folder of all results here.
        asked: Id of a run in it, ``latest``, the folder of a run, or a folder with results of one run.
        project: Relative paths count from its operator's folder.
        word: Name of the variable, for what is told.

    Raises:
        UserError: There is no such run, it has no report, or it is damaged.
    """
    asked = str(asked).strip()
    try:
        folder = project.of_caller(asked)
        there = folder.is_dir()
    except (OSError, RuntimeError, ValueError) as problem:
        raise UserError(
            f"{plain(asked, 200)!r} is no path", word, plain(problem, 200), "correct it"
        ) from problem
    is_id = "/" not in asked and asked not in (".", "..", "~")
    if is_id and ((results_dir / asked / RUN).is_file() or not there):
        return read(run_folder(results_dir, asked))
    if not there:
        why = "there is no such folder"
        raise UserError(f"{plain(asked, 200)} cannot be used", word, why, "name the folder of a run")
    if (folder / RUN).is_file():
        return read(folder)
    # Of `latest` there is only the run that it leads to.
    below = [path for path in sorted(folder.glob(f"*/{RUN}")) if not path.parent.is_symlink()]
    runs = [path.parent for path in below if not path.parent.name.startswith(".")]
    if len(runs) == 1:
        return read(runs[0])
    names = listed([plain(run.name, 100) for run in runs[-5:]])
    why = f"it is neither the folder of a run nor one with a single run in it; there is: {names}"
    raise UserError(f"{plain(asked, 200)} cannot be used", word, why, f"name the folder that has {RUN}")


def read(folder: Path) -> Finished:
    """The run in a folder. Raises UserError."""
    run = _read(folder / RUN, _OWN_LIMIT, {"type": "object", "required": ["run_id", "state"]})
    if run["state"] != FINISHED:
        why = f"it is {plain(run['state'], 50)}: nobody has closed it with a report"
        raise UserError(
            "the run has not ended", str(folder), why, "let the command that began it end, then again"
        )
    results: dict[str, Any] = cleaned(_read(folder / RESULTS, _RESULTS_LIMIT, schema.stored("results")))
    if results["run_id"] != run["run_id"]:
        why = f"{RUN} and {RESULTS} speak of different runs"
        raise UserError("the run is damaged", str(folder), why, _DO)
    for name, host in results["hosts"].items():
        names = [scenario["scenario"] for scenario in host["scenarios"]]
        if not is_name(name):
            raise UserError(
                "the run is damaged", str(folder), f"`{plain(name, 100)}` is no name of a host", _DO
            )
        if names != results["scenarios"]:
            why = f"{name} has other scenarios than those that were asked for"
            raise UserError("the run is damaged", str(folder), why, _DO)
    return Finished(folder, results)


def is_name(name: str) -> bool:
    """Whether a name can be that of a folder, and of nothing outside the folder that it is in."""
    if name in (".", "..") or not 0 < len(name.encode("utf-8", "surrogatepass")) <= _NAME_LIMIT:
        return False
    return PurePosixPath(name).name == name and plain(name) == name and not re.search(r"[\n\t\\]", name)


def differences(ones: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """In what two runs' results differ that must be alike: sentences."""
    found = [
        f"{word}: {plain(ones[word], 100)} and {plain(others[word], 100)}"
        for word in ("bot", "profile")
        if ones[word] != others[word]
    ]
    apart = sorted(set(ones["scenarios"]) ^ set(others["scenarios"]))
    if apart:
        found.append(
            f"scenarios that only one of them has: {listed(apart[:5])}{' …' if len(apart) > 5 else ''}"
        )
    return found


def _read(path: Path, limit: int, written: Mapping[str, Any]) -> Any:
    """A document of a run, as the schema ``written`` says. Raises UserError."""
    try:
        found = read_json(path, limit)
    except FileNotFoundError as problem:
        raise UserError("the run is not whole", str(path), "that file is not there", _DO) from problem
    except (OSError, ValueError, RecursionError) as problem:
        why = getattr(problem, "strerror", None) or plain(problem, 200)
        raise UserError("the run is damaged", str(path), why, _DO) from problem
    error = validity.worst(found, written)
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "it as a whole"
        why = f"at {plain(where, 200)}: {plain(error.message, 300)}"
        raise UserError("the run is damaged", str(path), why, _DO)
    return found
