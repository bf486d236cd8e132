"""What speaks against a command before its first play: it is told as any other message of ours, and nothing begins.

`hosts:` of every play is a filter of ours, so it sees every command first. What a filter raises, Ansible wraps into
words of its own ("Error processing keyword 'hosts'") and into the source of the play; so the message is shown here,
and the command ends here.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from ansible import constants, context
from ansible.utils.display import Display

from fleet_controller.ansible.checked_variables import check_tags
from fleet_controller.catalogue.project import ROOT
from fleet_controller.messages.errors import UserError

#: Playbooks of this folder that are made of stages; their own check of variables knows which.
_STAGED = ("run.yml", "provision.yml")
#: Of a command that began nothing, as of other errors of Ansible's.
EXIT = 1


def refuse(problem: UserError) -> NoReturn:
    """Say it, and end ansible-playbook: SystemExit is no error of a filter to Ansible, and passes through."""
    said = f"Nothing was begun, and no host was touched.\n{problem}"
    Display().display(said, color=constants.COLOR_ERROR, stderr=True)
    raise SystemExit(EXIT)


def refuse_options() -> None:
    """Raises UserError for an option of ansible-playbook that leaves out what our tasks rest on, or all of them."""
    task = context.CLIARGS.get("start_at_task")
    if task:
        what, why = "--start-at-task cannot be used here", "later tasks need what earlier ones have found out"
        do = "take a stage: --tags run,report; what is provisioned already is not done again"
        raise UserError(what, f"--start-at-task {task}", why, do)
    typed = [Path(name).resolve() for name in context.CLIARGS.get("args") or ()]
    if any(playbook.parent == ROOT / "playbooks" and playbook.name not in _STAGED for playbook in typed):
        # A tag that no task has runs nothing, and the exit code would be that of success.
        check_tags(context.CLIARGS.get("tags") or (), context.CLIARGS.get("skip_tags") or (), ())
