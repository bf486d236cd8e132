"""``read_only``: the bot's state folder can be read and no more written, as on a disk that failed (6.9).

A read-only bind mount of the folder on itself, in the arena's private mount namespace: nobody else sees it, and the
kernel takes it away with the arena's last process, so there is nothing that an undo record could say. What the bot has
open for writing already it may go on with, as on a volume that is mounted read-only elsewhere.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.disk import write_trial
from fleet_stress.faults.error_sightings import Sightings
from fleet_stress.faults.held_open import SavedMeanwhile
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where

#: What SQLite says of it (sqlite.org/rescode.html#readonly).
_WORDS = ("attempt to write a readonly database",)


class ReadOnly(Fault):
    name = "read_only"
    title = "the state folder is read-only"
    schema = {
        "type": "object",
        "description": "Make the bot's state or log folder read-only while it runs.",
        "additionalProperties": False,
        "properties": {
            "folder": {"enum": ["state", "log"], "description": "Which folder; the state folder by default."}
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Tried, not read off a setting."""
        refused = system.why_no_private_read_only()
        if refused is None:
            return None
        return Unsupported(
            f"no folder can be made read-only in a mount namespace of its own ({refused})",
            "run as root (stress_become: true), on Linux, where the container or security module allows mount(2)",
        )

    def apply(self) -> None:
        """Make it read-only, after a trial that could still write."""
        if not self.site.isolation.private_mounts:
            raise OSError(
                "the arena has no mount namespace of its own: others would see the folder read-only"
            )
        folder = self._folder()
        before = write_trial.write_as(self.site.user, folder)
        sightings = Sightings(self.site, errno.EROFS, words=_WORDS)
        try:
            system.mount_read_only(folder)
        except BaseException:
            sightings.close()
            raise
        self._before = before
        self._first = write_trial.write_as(self.site.user, folder)
        self._sightings = sightings
        self._saved = SavedMeanwhile(self.site, folder)

    def prove(self) -> Proof:
        """The bot's user could write before, meets EROFS since, and the bot has said that it was hit."""
        last, hits = write_trial.write_as(self.site.user, self._folder()), self._sightings.count()
        details: dict[str, Any] = {
            "trial_before": self._before,
            "trial_first": self._first,
            "trial_last": last,
            "told": hits,
        }
        stood = self._first == last == errno.errorcode[errno.EROFS]
        control = self._before == write_trial.WELL
        if not control:
            details["why"] = f"a trial as the bot's user could not write there before either: {self._before}"
        elif not stood:
            details["why"] = (
                f"a trial as the bot's user did not meet a read-only folder: {self._first}, {last}"
            )
        elif not hits:
            details["why"] = f"nothing that the bot printed or logged says `{self._sightings.looked_for}`"
            details |= self._saved.details(
                "a folder that becomes read-only does not reach what is open already"
            )
        return Proof(control and stood and hits > 0, details)

    def revert(self) -> Mapping[str, Any]:
        """Take it away, and try again whether one can write."""
        self._sightings.close()
        folder = self._folder()
        system.unmount(folder)
        after = write_trial.write_as(self.site.user, folder)
        if after == write_trial.WELL or self._before != write_trial.WELL:
            return {"trial": after}
        return {"trial": after, "bit": False, "why": f"a trial still cannot write there without it: {after}"}

    def cannot_hit(self) -> str | None:
        """A bot that goes on saving through what it holds open, and has said nothing."""
        return None if self._sightings.count() else self._saved.cannot_hit()

    def hits(self) -> int:
        """How often the bot has said so."""
        self._saved.look()
        return int(self._sightings.count())

    def _folder(self) -> Path:
        return Path(self.site.places[f"{self.arguments.get('folder', 'state')}_dir"])
