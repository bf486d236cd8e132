"""``vanish``: the bot's state folder is gone for a while and comes back with what was in it, as a volume does (6.10).

It is moved away, which needs no root and no mount, and moved back; how to move it back is on disk before. What the bot
has put in its place meanwhile, where it can, lies beside it afterwards. A folder that the bot holds open it can go on
with: on a volume that is gone it could not.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.error_sightings import NO_FILE, Sightings
from fleet_stress.faults.held_open import SavedMeanwhile
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded
from fleet_stress.store import deletion
from fleet_stress.store.bare_python import no_links

#: What a bot may say that looks for its folder, or wants to make it anew where it may not.
_ERRORS = (errno.ENOENT, errno.EACCES, errno.EPERM)


class Vanish(Fault):
    name = "vanish"
    title = "the state folder vanishes and returns"
    schema = {
        "type": "object",
        "description": "Move the bot's state or log folder away while it runs, and later back with its content.",
        "additionalProperties": False,
        "properties": {
            "folder": {"enum": ["state", "log"], "description": "Which folder; the state folder by default."}
        },
    }

    def undo(self) -> tuple[UndoNeeded, ...]:
        """It is the record of the bot's state: back in its place it has to come, whoever dies."""
        return (UndoNeeded("put_back", self._places()),)

    def apply(self) -> None:
        """Move it away. Raises OSError, also where something is mounted there."""
        places = self._places()
        home, away = self._home, self._away = Path(places["home"]), Path(places["away"])
        away.parent.mkdir(mode=0o700, exist_ok=True)
        sightings = Sightings(self.site, *_ERRORS, words=NO_FILE)
        try:
            home.rename(away)
        except OSError as problem:
            sightings.close()
            if problem.errno == errno.EBUSY:
                reason = f"{home} cannot be moved: something is mounted there; let it vanish before"
                raise OSError(errno.EBUSY, reason) from problem
            raise
        self._files = len(no_links.names(away))
        self._sightings = sightings
        self._saved = SavedMeanwhile(self.site, home, away)

    def prove(self) -> Proof:
        """It took effect when it is still away, and the bot has said that it missed it or has made a new one."""
        messages, anew = self._sightings.count(), os.path.lexists(self._home)
        away = os.path.lexists(self._away)
        details: dict[str, Any] = {"files": self._files, "away": away, "told": messages, "made_anew": anew}
        if away and not (messages or anew):
            details["why"] = (
                f"nothing that the bot printed or logged says `{self._sightings.looked_for}`,"
                " and it has made no new folder"
            )
            details |= self._saved.details("a folder that is moved away takes no open file with it")
        return Proof(away and bool(messages or anew), details)

    def revert(self) -> Mapping[str, Any]:
        """Move it back; what is in its place by then goes beside it."""
        self._sightings.close()
        deletion.put_back(self._away, self._home)
        return {"files": len(no_links.names(self._home))}

    def cannot_hit(self) -> str | None:
        """A bot that goes on saving through what it holds open, and has said nothing."""
        return None if self.hits() else self._saved.cannot_hit()

    def hits(self) -> int:
        """How often the bot has said that it missed it; a folder made anew counts once."""
        self._saved.look()
        return int(self._sightings.count()) or int(os.path.lexists(self._home))

    def _places(self) -> dict[str, str]:
        home = Path(self.site.places[f"{self.arguments.get('folder', 'state')}_dir"])
        return {"home": str(home), "away": str(self.site.scratch / "vanished" / home.name)}
