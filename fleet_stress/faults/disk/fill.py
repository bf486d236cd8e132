"""``fill``: files of ours in the bot's state, log or working folder, until nothing is left (rows 1.4, 1.6 and 6.14).

Either a number of files of one size, as in the stress plan (``dd`` into the log folder), or until only so much is
free, or until no inode is left: with bytes free, the bot gets the same ENOSPC (row 6.2).
ENOSPC while filling is success. What is full is kept full: whatever the bot gives back is taken at once, as it
would be by whoever else lives on a full disk. A disk that the host lives on is never filled beyond a share of
what is free on it; only a volume of our own is filled to the end.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.disk.cut_off_logs import CutOffLogs
from fleet_stress.faults.disk.fill_pile import Keeper, Pile
from fleet_stress.faults.error_sightings import NO_FILE, Sightings
from fleet_stress.faults.held_open import SavedMeanwhile
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Site, Where
from fleet_stress.observe import bot_files, companion_files, counting, file_content
from fleet_stress.observe.rotated_logs import LogFamilies
from fleet_stress.store import deletion, layout, sizes
from fleet_stress.system import ram_volume

_SHARE = 0.1
#: More often than any scenario asks for.
_ALWAYS = 1_000_000_000


class Fill(Fault):
    name = "fill"
    title = "the state or log folder is full"
    # A log that the bot has open is appended to without a sign when that fails, and without inodes there is no sign of
    # a file that could not be made: what the bot says of it is one.
    hits_by_message = True
    schema = {
        "type": "object",
        "description": "Fill the bot's state or log folder with files of ours.",
        "additionalProperties": False,
        "required": ["folder"],
        "oneOf": [{"required": ["size"]}, {"required": ["until_free"]}, {"required": ["inodes"]}],
        "properties": {
            "folder": {
                "enum": ["state", "log", "working"],
                "description": "Which folder; working: where the bot is started, and everything on the same volume.",
            },
            "size": sizes.schema("The size of each file."),
            "count": {
                "type": "integer",
                "minimum": 1,
                "maximum": 10000,
                "description": "The number of files; 1 by default.",
            },
            "until_free": sizes.schema(
                "Fill until at most this much is free. Needs a volume of its own: put ram_volume before.",
                zero=True,
            ),
            "inodes": {
                "const": "all",
                "description": "Take every inode and leave the bytes. Needs a volume of its own, made with `inodes`.",
            },
            "volume": {
                "type": "boolean",
                "description": "Whether the folder is on its own volume (ram_volume), where `share` does not apply.",
            },
            "share": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 0.5,
                "description": "The largest share of the free space on the host to take; 0.1 by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Where the host lives on that disk, at most a share of what is free on it."""
        if _on_own_volume(arguments):
            return None
        reason = _too_much(where.stress_dir, arguments)
        return (
            Unsupported(reason, "more free space there, or a volume of its own (ram_volume)")
            if reason
            else None
        )

    @classmethod
    def silences(cls, bot: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
        """Where a log of the bot tells of its cycles, and its folder is full to the last byte."""
        full = arguments["folder"] == "log" and _on_own_volume(arguments)
        return full and counting.told_by_log(bot)

    def __init__(self, site: Site, arguments: Mapping[str, Any]) -> None:
        super().__init__(site, arguments)
        self._prefix = f"{layout.name_of_ours('fill')}-"

    def undo(self) -> tuple[UndoNeeded, ...]:
        """The folder outlives the arena as its record; removing files needs no space."""
        return (UndoNeeded("remove_named", {"folder": str(self._folder()), "prefix": self._prefix}),)

    def apply(self) -> None:
        """Fill; what is full then is kept full by a thread of this process, which dies with it."""
        folder = self._folder()
        if _on_own_volume(self.arguments):
            if ram_volume.at(self._shown()) is None:
                raise OSError(f"{folder} lies on no volume of its own: the scenario has to mount one before")
        elif reason := _too_much(folder, self.arguments):
            raise OSError(reason)
        before = ram_volume.figures(folder)
        keeper = Keeper(
            self._same_disk(folder),
            appended=LogFamilies({tracked.key: tracked.rotated for tracked in self._texts()}),
            of_companions=companion_files.named(self.site.bot, self.site.places),
        )
        pile = Pile(folder, self._prefix)
        goal: int | None = None
        if "inodes" in self.arguments:
            if not before["free_inodes"]:
                raise OSError(
                    f"the volume of {folder} counts no inodes: the scenario has to make it with `inodes`"
                )
            pile.take_names()
            keeper.keep(pile.take_names)
        elif "until_free" in self.arguments:
            goal = sizes.in_bytes(self.arguments["until_free"])
            pile.fill_until(goal)
        else:
            size, own = sizes.in_bytes(self.arguments["size"]), _on_own_volume(self.arguments)
            for _ in range(self.arguments.get("count", 1)):
                if not own:
                    _leave_the_host_room(folder, size, before)
                if not pile.add(size):
                    if not own:
                        pile.close()
                        raise OSError(
                            f"the disk of {folder} ran full, which the host lives on: nothing is kept full there"
                        )
                    goal = 0
                    pile.fill_until(goal)
                    break
            if own and goal is None:  # the volume was made larger, for what the bot keeps there
                goal = 0
                pile.fill_until(goal)
        if goal is not None:
            keeper.keep(functools.partial(pile.fill_until, goal))
        self._before = before
        self._filled = ram_volume.figures(folder)
        self._goal = goal
        self._pile = pile
        self._keeper = keeper
        # A file that cannot be made, or a line not appended, leaves no trace but the error, in the words of the bot.
        words = NO_FILE if "inodes" in self.arguments else ()
        self._sightings = Sightings(self.site, errno.ENOSPC, words=words)
        self._saved = SavedMeanwhile(self.site, self._shown())
        self._tracked_before = self._tracked(folder)
        self._cut_off = CutOffLogs(self._texts(), self._same_disk(folder))

    def prove(self) -> Proof:
        """The free space is at its goal and, for none at all, one more byte meets ENOSPC; or all is there.

        For inodes: when no file can be made though bytes are free.

        ``tried``: what others wrote meanwhile in folders on that disk, by name and how often.
        """
        folder, pile, keeper, goal = self._folder(), self._pile, self._keeper, self._goal
        full = (goal == 0 or "inodes" in self.arguments) and _still_full(folder, keeper)
        now = ram_volume.figures(folder)
        asked = sizes.in_bytes(self.arguments.get("size", "0B")) * self.arguments.get("count", 1)
        enough = goal is not None and now["free_bytes"] <= goal and (full or goal > 0)
        took_effect = enough if goal is not None else pile.written == asked
        if "inodes" in self.arguments:
            # Bytes must be free: else it is the full disk of row 1.4 once more.
            took_effect = full and now["free_inodes"] == 0 and now["free_bytes"] > 0
        details: dict[str, Any] = {
            "folder": self.arguments["folder"],
            "full": full,
            "enospc": full or pile.met_enospc,
            "files": pile.files,
            "written_bytes": pile.written,
            "before": self._before,
            "filled": self._filled,
            "last": now,
            "tried": dict(keeper.tried),
            "cut_off": self._cut_off.found() if full else [],
            "tracked_before": self._tracked_before,
            "tracked_last": self._tracked(folder),
        }
        if took_effect and "inodes" in self.arguments and not self._sightings.count():
            details |= self._saved.details("it makes no new file")
            took_effect = "nothing_to_hit" not in details
        return Proof(took_effect, details)

    def revert(self) -> Mapping[str, Any]:
        """Stop keeping it full and remove the files."""
        self._keeper.stop()
        self._pile.close()
        self._sightings.close()
        folder = self._folder()
        deletion.remove_named(folder, self._prefix)
        return ram_volume.figures(folder)

    def cannot_hit(self) -> str | None:
        """Of inodes: a bot that goes on saving through what it holds open, and has said nothing.

        Of bytes every file needs more sooner or later: what is appended, when its last block is full.
        """
        return None if "inodes" not in self.arguments or self._sightings.count() else self._saved.cannot_hit()

    def hits(self) -> int:
        """How often the bot has tried to write something new while it was full, or has named the error.

        A log that was cut off has met it, and does with every line from then on: nobody can see how often.
        """
        if self._goal == 0 and self._cut_off.found():
            return _ALWAYS
        tried = sum(self._keeper.tried.values())
        if "inodes" in self.arguments and self._saved.goes_on():
            tried = 0  # what is written in place needs no inode
        return max(tried, self._sightings.count())

    def _shown(self) -> Path:
        """Where the bot sees it."""
        name = self.arguments["folder"]
        return Path(self.site.places["bot_dir" if name == "working" else f"{name}_dir"])

    def _folder(self) -> Path:
        """Where it really is: ``ram_volume`` may show it by a link, which nothing of ours follows in removing files."""
        return Path(os.path.realpath(self._shown()))

    def _same_disk(self, folder: Path) -> list[Path]:
        """The bot's state and log folders that lie where ``folder`` does; or of its other folders those."""
        device, working = folder.stat().st_dev, ("bot_dir", "home_dir", "tmp_dir")
        names = (
            working
            if str(folder) == os.path.realpath(self.site.places["bot_dir"])
            else ("state_dir", "log_dir")
        )
        folders = [Path(self.site.places[name]) for name in names]
        return [folder for folder in folders if folder.stat().st_dev == device]

    def _texts(self) -> list[bot_files.Tracked]:
        return [tracked for tracked in self.site.files.values() if tracked.format == "text"]

    def _tracked(self, folder: Path) -> dict[str, Any]:
        """What the profile's files with numbers on the full disk hold now, by key; null: there is no such file."""
        on_it = {str(place) for place in self._same_disk(folder)}
        found: dict[str, Any] = {}
        for tracked in self.site.files.values():
            if tracked.opaque or on_it.isdisjoint(map(str, tracked.path.parents)):
                continue
            data = file_content.read(tracked)
            found[tracked.key] = None
            if os.path.lexists(tracked.path):
                status = tracked.path.lstat()
                identity = file_content.stamp(tracked) or (status.st_ino, status.st_mtime_ns, status.st_size)
                found[tracked.key] = {
                    "identity": list(identity),
                    "size": identity[2],
                    "json": bot_files.json_verdict(data),
                    "fields": bot_files.fields(data, tracked.never_back),
                }
        return found


def _leave_the_host_room(folder: Path, size: int, before: Mapping[str, Any]) -> None:
    """Others write to the host's disk too: stop when half of what was free is gone. Raises OSError."""
    if ram_volume.figures(folder)["free_bytes"] - size < before["free_bytes"] / 2:
        raise OSError(f"the disk of {folder} is running full while it is filled: others write to it as well")


def _still_full(folder: Path, keeper: Keeper) -> bool:
    """A bot that gives something back in just this moment must not hide it: looked at some times."""
    for _ in range(20):
        keeper.top_up()
        if ram_volume.is_full(folder):
            return True
    return False


def _too_much(folder: Path, arguments: Mapping[str, Any]) -> str | None:
    count, size, share = arguments.get("count", 1), arguments["size"], arguments.get("share", _SHARE)
    free = ram_volume.figures(folder)["free_bytes"]
    if count * sizes.in_bytes(size) <= share * free:
        return None
    return (
        f"{count} files of {size} are more than {share:.0%} of the {sizes.describe(free)}"
        f" that are free on the disk of {folder}"
    )


def _on_own_volume(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments.get("volume", False)) or "until_free" in arguments or "inodes" in arguments
