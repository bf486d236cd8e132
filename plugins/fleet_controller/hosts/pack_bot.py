"""Pack a bot's folder, or a commit of its git repository, on the controller.

The role ``bot`` runs it once for all hosts, before any host is touched, with the source on standard input:
    python -I -m fleet_controller.hosts.pack_bot --cache DIR --ref REF --max-mb N --asked JSON [--look-only]
where the JSON has ``leave_out``, ``own_files``, ``requirements`` (files that must be there) and ``commands``.
Prints JSON: ``archive`` and its ``content``, ``commit``, ``left_out``, ``files``; or ends with a message.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fleet_controller.hosts.bot_source import is_git
from fleet_controller.hosts.git_checkout import checked_out, without_secret
from fleet_stress.store.bot_archive import BotCopyError, Rules, missing_programs, pack, take


def main() -> int:
    """Pack, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--ref", required=True)
    parser.add_argument("--max-mb", type=float, required=True)
    parser.add_argument("--asked", type=json.loads, required=True)
    parser.add_argument("--look-only", action="store_true", help="pack nothing, and fetch nothing")
    options = parser.parse_args()
    asked, commit = options.asked, ""
    source = sys.stdin.read().strip()
    try:
        folder = Path(source).expanduser()
        if is_git(source) and not folder.is_dir():
            if options.look_only:
                print("{}")
                return 0
            folder, commit = checked_out(source, options.ref, options.cache / "git")
        rules = Rules(asked["leave_out"], asked["own_files"])
        if options.look_only:
            taken, archive = take(folder, rules), Path()
        else:
            taken, archive = pack(folder, rules, options.cache / "bots", options.max_mb)
        files = {entry.path for entry in taken.entries}
        wrong = list(missing_programs(taken, asked["commands"]))
        absent = [name for name in asked["requirements"] if name not in files]
        wrong += [f"requirements file {name} is not in the bot's folder" for name in absent]
        if wrong:
            raise BotCopyError(
                f"bot_source {without_secret(source)}: {'; '.join(wrong)}. Correct bot_source, or what"
                " the bot's profile says (argv, companions) and bot_requirements."
            )
    except (BotCopyError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(
        json.dumps(
            {
                "archive": str(archive),
                "content": taken.content,
                "commit": commit,
                "files": len(taken.entries),
                "left_out": list(taken.left_out),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
