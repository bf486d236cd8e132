"""``fleet-stress init``: a bot profile from a look at a folder, and from a watched start on a host, by ``stress.yml``.

Nothing of the bot is run here or by root: it starts in an arena on a host that may be stressed, as the bots' user,
bounded in time, size and processes, in a network with nothing but itself.
"""

from __future__ import annotations

import re
from pathlib import Path

from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.command import playbooks
from fleet_controller.command.watching import Request, watch_until_known, work_folder
from fleet_controller.drafting.bot_folder import look_into
from fleet_controller.drafting.commented_yaml import text_of
from fleet_controller.drafting.draft import Draft
from fleet_controller.drafting.guesses import guess
from fleet_controller.drafting.stub_exchange import with_exchange
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import plain
from fleet_controller.planning.compile_command import compile_command


def init(request: Request) -> int:
    """Write the profile and say what is left to fill in. Raises UserError."""
    project = Project()
    folder = project.of_caller(request.folder)
    if not folder.is_dir():
        raise UserError(
            f"there is no folder {folder}", "init", "the bot is looked at there", "name the bot's folder"
        )
    name = request.name or _name(folder)
    target = project.of_caller(request.to) if request.to else project.root / f"bots/{name}.yml"
    if target.exists() and not request.force:
        do = "replace it by --force, or choose another --name or --to"
        raise UserError(f"{target} is there already", "init", "nothing that you have written is replaced", do)
    guessed = guess(
        look_into(folder),
        target.stem,
        request.start,
        playbooks.variables(request.environment, "--env"),
        besides=request.exchange,
    )
    if request.exchange:
        guessed = with_exchange(guessed, request.exchange)
    print(f"How it is started: {' '.join(guessed.profile['argv'])}")
    draft = watch_until_known(project, request, guessed)
    text = text_of(draft.entries, _head(request, project, target))
    tried = work_folder(project, target.stem) / f"{target.stem}.yml"
    tried.write_text(text, encoding="utf-8")
    load_bot(project, str(tried))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    _say(project, target, draft)
    return 0


def _name(folder: Path) -> str:
    found = re.sub(r"[^a-z0-9_]+", "_", folder.name.lower()).strip("_")[:40] or "bot"
    return found if found[0].isalpha() else f"bot_{found}"


def _head(request: Request, project: Project, target: Path) -> list[str]:
    ours = target.parent == project.root / "bots"
    schema = "../schemas/bot.schema.json" if ours else project.root / "schemas/bot.schema.json"
    folder = project.of_caller(request.folder).name
    return [
        f"yaml-language-server: $schema={schema}",
        f"Written by `fleet-stress init {folder}` from a look at its folder and at a watched start.",
        "FILL IN: it could not be seen. CHECK: it was concluded, not proved. See docs/write-a-bot-profile.md.",
    ]


def _say(project: Project, target: Path, draft: Draft) -> None:
    compiled = compile_command(str(target), "smoke", None, project=project).scenarios
    runs = sum(scenario["skip"] is None for scenario in compiled)
    would = (
        f"{runs} of {len(compiled)} rows would run"
        if draft.counts_cycles
        else "no row can be judged with it yet"
    )
    print(f"\nWrote {target}: {would}.")
    for doubt in draft.doubts:
        print(f"  CHECK: {plain(doubt)}")
    for point in draft.open_points:
        print(f"  FILL IN: {plain(point)}")
    known = target.parent == project.root / "bots"
    shown = target.stem if known else target
    if not draft.counts_cycles:
        print(f"\nNext: say under `cycle` how a finished cycle is seen, then: fleet-stress validate {shown}")
        return
    print(f"\nNext: fleet-stress run --bot {shown} sigterm\nThen: fleet-stress run --bot {shown}")
