"""The variables that an operator may set: whether each holds what it may, and whether its name is one of them.

Ansible can do the first of it (a role's argument specs), in words that nobody understands; and a misspelled name
it takes for a variable that nobody reads.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_float,
    check_type_int,
)

from fleet_controller.catalogue.project import ROOT
from fleet_controller.messages.errors import Problem, Problems, did_you_mean, listed
from fleet_controller.messages.text import NUL, WITHOUT_NUL, has_nul, in_one_line, plain

#: What may be said with -e and has no place in roles/settings: `hosts:` reads it before any role is there.
OF_PLAYS = ("slice",)
#: Where the words for the command line are, in roles/settings; and how the names of all others begin.
WORDS, PREFIX = "vars/main/words.yml", "stress_"
#: Ansible keeps words of -e under this name that it could not read.
UNREAD = "_raw_params"
#: A name that is so like one of ours means that one. Of 1.
_LIKE = 0.84
_SHARE = re.compile(r"(100|[1-9]?\d)(\.\d+)?%|[1-9]\d*")


@cache
def documented(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """What roles/settings says of each variable: ``type``, ``choices``, ``description``; and its ``default``.

    ``unset``: what Ansible has of it where nobody set it. Of a word for the command line (``bot``) that is the name of
    the variable that an inventory may set (``stress_bot``), whose default is the word's too.
    """
    there = root / "roles/settings"
    options = _yaml(there / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    unset = {**_yaml(there / "defaults/main.yml"), **_yaml(there / WORDS)}
    defaults = {**unset, **{name: unset[of] for name, of in _of_inventory(unset).items()}}
    return {
        name: {**option, "default": defaults.get(name), "unset": unset.get(name)}
        for name, option in options.items()
    }


def _of_inventory(unset: Mapping[str, Any]) -> dict[str, str]:
    """The words that an inventory may say under another name, and that name."""
    found = {name: f"{PREFIX}{name}" for name in unset if not name.startswith(PREFIX)}
    return {name: of for name, of in found.items() if unset[name] == f"{{{{ {of} }}}}"}


def changed(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names of our variables that somebody set: the others hold their default."""
    return [name for name, spec in known.items() if name in given and given[name] != spec["unset"]]


def check(
    values: Mapping[str, Any],
    said: Collection[str] = (),
    others: Collection[str] = (),
    known: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Whether each holds what it may. Raises UserError with all that is wrong.

    Args:
        values: Variables of ours that somebody set, worked out.
        said: Names that ``-e`` brought.
        others: Names that the inventory knows: whatever they mean, they are no spelling mistakes.
        known: As ``documented``.
    """
    known = known or documented()
    problems = Problems()
    for name in said:
        if name == UNREAD:
            problems.add(
                "a word without a name",
                "-e",
                "Ansible reads `name=value` pairs, and the shell takes one pair of quotes away",
                "write -e \"name='some words'\"",
            )
        elif (meant := misspelled(name, known, others)) is not None:
            problems.add(
                f"unknown variable `{plain(name, 100)}`",
                "-e",
                "nothing would read it",
                f"did you mean `{meant}`? If it is a variable of yours, define it in the inventory too",
            )
    for name, value in values.items():
        place = f"-e {name}" if name in said else f"{name}, in the inventory"
        for problem in against(name, value, known[name]):
            problems.add(problem.what, place, problem.why, problem.do)
    problems.raise_any()


def misspelled(name: str, known: Collection[str], others: Collection[str] = ()) -> str | None:
    """The variable of ours that is so like a name which nobody knows that it must have been meant."""
    ours = [*known, *OF_PLAYS]
    if name in ours or name in others or name.startswith("ansible_"):
        return None
    plainly = {re.sub(r"[-_]", "", text.casefold()): text for text in ours}
    close = difflib.get_close_matches(re.sub(r"[-_]", "", name.casefold()), plainly, n=1, cutoff=_LIKE)
    return plainly[close[0]] if close else None


def against(name: str, value: Any, spec: Mapping[str, Any]) -> Iterator[Problem]:
    """What speaks against a value; ``where`` is left to the caller."""
    if value in (None, "") or (value == [] and spec["type"] != "list"):
        if spec["default"] not in (None, ""):
            do = f"leave it out, which means {plain(spec['default'], 100)}"
            yield Problem(f"`{name}` is empty", why="a variable of the shell may have been empty", do=do)
        return
    if has_nul(value):
        yield Problem(f"`{name}` is {_shown(value)}", why=NUL, do=WITHOUT_NUL)
        return
    if name == "stress_serial":
        yield from _shares(name, value)
        return
    reads, belongs, do = _KINDS.get(str(spec["type"]), (_anything, "", ""))
    if not reads(value):
        # Of two words neither is the one that was meant: `purge=ture` is no wish to purge.
        write = " or ".join(f"{name}={word}" for word in do.split("|"))
        yield Problem(f"`{name}` is {_shown(value)}", why=f"it has to be {belongs}", do=f"write {write}")
    elif "choices" in spec and value not in spec["choices"]:
        words = list(map(str, spec["choices"]))
        do = did_you_mean(str(value), words, f"write {name}={words[0]}")
        yield Problem(f"`{name}` is {_shown(value)}", why=f"there is: {listed(words)}", do=do)


def _shares(name: str, value: Any) -> Iterator[Problem]:
    for item in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(item, bool) or not _SHARE.fullmatch(str(item).strip()):
            why = "it has to be a number of hosts, a percentage of them, or a list of these"
            yield Problem(f"`{name}` is {_shown(item)}", why=why, do=f"write {name}=10, or {name}=25%")


def _shown(value: Any) -> str:
    return f"`{in_one_line(plain(value, 100), 100)}`"


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def _converts(convert: Callable[[Any], Any], least: float | None = None) -> Callable[[Any], bool]:
    """Whether Ansible can make of a value what a module takes, and whether that is no less than ``least``."""

    def reads(value: Any) -> bool:
        if least is not None and isinstance(value, bool):
            return False
        try:
            found = convert(value)
        except (TypeError, ValueError, OverflowError):
            return False
        return least is None or least <= found < float("inf")

    return reads


def _anything(_value: Any) -> bool:
    return True


def _text(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


#: By the type in the argument specs: whether a value is one, what is, and an example.
_KINDS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "bool": (_converts(check_type_bool), "true or false", "true|false"),
    "int": (_converts(check_type_int, 0), "a whole number, not below 0", "10"),
    "float": (_converts(check_type_float, 0), "a number, not below 0", "10"),
    "str": (_text, "text", "TEXT"),
    "path": (_text, "a path", "/FOLDER"),
    "list": (lambda value: isinstance(value, (list, str)), "a list", "A,B"),
    "dict": (lambda value: isinstance(value, Mapping), "a mapping", '\'{"NAME": "VALUE"}\' in JSON'),
}
