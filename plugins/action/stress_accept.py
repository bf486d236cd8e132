"""``stress_accept``: write the list of known findings from a run. Documented in ``library/``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import shown
from fleet_controller.catalogue import schema
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.known_findings import in_yaml, known_path, load_known
from fleet_controller.catalogue.profiles import profile_chain
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.scenarios import load_catalogue
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.text import in_one_line, number_of, plain
from fleet_controller.results.accept import Accepted, accept
from fleet_controller.results.finished_run import read
from fleet_controller.results.results import collect
from fleet_controller.runs.run_folder import run_folder
from fleet_controller.untrusted.atomic_files import write_bytes_atomic

#: So many of a kind are named; the rest is counted.
_NAMED = 25


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_accept"
    known = ("run_id", "results_dir")
    os_error = "the list of known findings cannot be written"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Work out the new list, write it, and say what is new about it."""
        project = Project()
        run = read(run_folder(self.results_dir(project), self._task.args.get("run_id")))
        profile = load_bot(project, run.results["bot"]).document.path
        vocabulary = Vocabulary.of_engine()
        _, profiles = profile_chain(project, run.results["profile"])
        catalogue = load_catalogue(project, schema.of_scenario(vocabulary), profiles)
        rows = {name: scenario.row for name, scenario in catalogue.items()}
        known = load_known(project, profile, rows, vocabulary.checks)
        path = known_path(profile)
        of_list = known or {"file": project.shown(path), "entries": []}
        accepted = accept(collect(run.folder, known=of_list), of_list["entries"])
        before = path.read_text(encoding="utf-8") if known else ""
        after = in_yaml(profile.stem, accepted.entries)
        changed = bool(accepted.added or accepted.removed)
        if changed and not self._task.check_mode:
            write_bytes_atomic(path, after.encode())
        for line in _said(accepted, shown(path)):
            self._display.display(line)
        return {
            "changed": changed,
            "file": str(path),
            "added": len(accepted.added),
            "removed": len(accepted.removed),
            "left": accepted.left,
            **({"diff": _diff(path, before, after)} if changed and self._task.diff else {}),
        }


def _diff(path: Path, before: str, after: str) -> dict[str, str]:
    return {"before_header": str(path), "after_header": str(path), "before": before, "after": after}


def _said(accepted: Accepted, where: str) -> Iterator[str]:
    for word, entries in (("known", accepted.added), ("no longer found", accepted.removed)):
        for entry in entries[:_NAMED]:
            rows = ", ".join(entry["rows"])
            yield in_one_line(plain(f"  {word}: {entry['check']} {entry['subject']} in {rows}"), 200)
        if len(entries) > _NAMED:
            yield f"  … and {len(entries) - _NAMED} more"
    for sentence in accepted.left[:_NAMED]:
        yield in_one_line(plain(f"  not accepted: {sentence}"), 300)
    if len(accepted.left) > _NAMED:
        yield f"  … and {len(accepted.left) - _NAMED} more"
    yield f"  {where}: {number_of(len(accepted.entries), 'known finding')}"
    if accepted.added:
        yield "  Say in `reason` why each is accepted, and in `link` and `expires` where and until when."
