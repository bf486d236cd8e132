"""Whether a bot goes on saving through files that it held open before a fault: then the fault has nothing to hit.

A long connection to a database opens, makes and renames nothing. What takes away the names of files, the right to open
them, or the inodes for new ones does not reach it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.site import Site
from fleet_stress.observe import file_content
from fleet_stress.observe.bot_files import Tracked

#: More than the end of a write makes that had begun before the fault.
_CHANGES = 10
#: So many that a wait for a hit may end: what the bot opens now and then it would have opened by now.
_ENOUGH = 50


class SavedMeanwhile:
    """Counts changes of the bot's state files from now on, at each look."""

    def __init__(self, site: Site, folder: Path, moved: Path | None = None) -> None:
        """``folder``: where the profile has the files that count; ``moved``: where they are now."""
        self._files = list(_in(site, folder, moved or folder))
        self._of_every_cycle = {
            role for role, entry in site.bot.get("state", {}).items() if entry.get("rewritten") == "cycle"
        }
        self._last = [file_content.stamp(file) for file in self._files]
        self._changes = [0] * len(self._files)

    def look(self) -> None:
        """Look once; between two looks one change is seen at most."""
        for number, file in enumerate(self._files):
            now = file_content.stamp(file)
            if now is not None and now != self._last[number]:
                self._last[number] = now
                self._changes[number] += 1

    def goes_on(self, changes: int = 1) -> bool:
        """Whether all files of every cycle have changed so often, or any where there is none of every cycle.

        A file of every cycle that does not change may be what the fault has hit in silence.
        """
        self.look()
        changed = [count >= changes for count in self._changes]
        due = [did for file, did in zip(self._files, changed) if file.role in self._of_every_cycle]
        return all(due) and any(changed)

    def cannot_hit(self) -> str | None:
        """As ``Fault.cannot_hit`` has it."""
        return f"the bot went on saving to {self._named()} as before" if self.goes_on(_ENOUGH) else None

    def _named(self) -> str:
        return ", ".join(file.key for file, count in zip(self._files, self._changes) if count)

    def details(self, what: str) -> Mapping[str, Any]:
        """For a fault without another sign that it took effect: that it could not, and why; empty where it might."""
        if not self.goes_on(_CHANGES):
            return {}
        return {
            "nothing_to_hit": True,
            "why": f"the bot went on saving to {self._named()} as before: {what}",
        }


def _in(site: Site, folder: Path, now: Path) -> Iterator[Tracked]:
    for file in site.files.values():
        if file.role not in site.bot.get("state", {}):
            continue
        try:
            yield file._replace(path=now / file.path.relative_to(folder))
        except ValueError:  # it is elsewhere
            continue
