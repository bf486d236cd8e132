"""Profiles: how hard. A name, and from whom a scenario's parameters are taken where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.catalogue import schema
from fleet_controller.catalogue.located_yaml import Document, read
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.messages.errors import Problems, UserError, did_you_mean, listed


def profile_chain(project: Project, asked: str) -> tuple[list[str], list[str]]:
    """The profile and all that it inherits from, nearest first; and the names of all profiles.

    Raises UserError: it is unknown, or a profile's file is not what it should be.
    """
    documents = _read_all(project)
    if asked not in documents:
        what = f"unknown profile `{asked}`"
        raise UserError(what, "profile", f"there is: {listed(documents)}", did_you_mean(asked, documents))
    chain = [asked]
    while inherited := documents[chain[-1]].value.get("inherits"):
        where = documents[chain[-1]].where(("inherits",))
        if inherited not in documents:
            do = did_you_mean(inherited, documents)
            raise UserError(f"unknown profile `{inherited}`", where, f"there is: {listed(documents)}", do)
        if inherited in chain:
            raise UserError(
                "profiles inherit in a circle", where, " → ".join([*chain, inherited]), "cut it here"
            )
        chain.append(inherited)
    return chain, list(documents)


def _read_all(project: Project) -> Mapping[str, Document]:
    documents, problems = {}, Problems()
    for name, path in project.files("profiles").items():
        try:
            document = read(path, project.shown(path))
        except UserError as error:
            problems.extend(error)
            continue
        problems.found.extend(complaints(document, document.value, schema.stored("profile")))
        named_after_file(document, "name", name, problems)
        documents[name] = document
    problems.raise_any()
    return documents


def named_after_file(document: Document, key: str, name: str, problems: Problems) -> None:
    """A file that says another name than its own is refused: nobody would find it."""
    value: Any = document.value
    name_inside = value.get(key) if isinstance(value, dict) else name
    if isinstance(name_inside, str) and name_inside != name:
        do = f"write `{key}: {name}`, or rename the file"
        problems.add(
            f"`{name_inside}` is not the file's name", document.where((key,)), "it is found by that name", do
        )
