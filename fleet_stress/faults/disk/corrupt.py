"""``corrupt``: a state file of the bot holds what it should not when the bot starts (row 1.3).

The kinds go from those of the stress plan (text, empty) to what disks and people do: cut off, bits flipped,
valid JSON of the wrong shape, removed, unreadable, a folder or a dangling link in its place.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any, Callable

from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.observe import bot_files, file_content, sqlite
from fleet_stress.store.bare_python import no_links

_NAMES = [
    "text",
    "bytes",
    "empty",
    "truncate_at",
    "flip_bits",
    "wrong_shape",
    "remove",
    "mode",
    "folder",
    "dangling_link",
]


class Corrupt(Fault):
    name = "corrupt"
    title = "a state file is corrupt"
    lasting = False
    schema = {
        "type": "object",
        "description": "Corrupt one of the bot's files while the bot is not running.",
        "additionalProperties": False,
        "required": ["file"],
        "minProperties": 2,
        "properties": {
            "file": {
                "type": "string",
                "description": "Role of the file in the bot profile, e.g. ledger.",
            },
            "text": {"type": "string", "description": "The file holds only this text."},
            "bytes": {
                "type": "string",
                "pattern": "^([0-9a-f]{2})+$",
                "description": "The file holds only these bytes, in hexadecimal; fffe80 is not UTF-8.",
            },
            "empty": {"const": True, "description": "The file is empty."},
            "truncate_at": {
                "type": "integer",
                "minimum": 0,
                "description": "The file is truncated to this many bytes.",
            },
            "flip_bits": {
                "type": "integer",
                "minimum": 1,
                "description": "The number of flipped bits.",
            },
            "seed": {"type": "integer", "description": "Selects the bits of flip_bits; 0 by default."},
            "wrong_shape": {
                "const": True,
                "description": "Valid JSON, but a list where a mapping belongs.",
            },
            "remove": {"const": True, "description": "The file is gone."},
            "mode": {
                "type": "string",
                "pattern": "^0[0-7]{3}$",
                "description": 'Its mode, e.g. "0000".',
            },
            "folder": {"const": True, "description": "A folder takes its place."},
            "dangling_link": {"const": True, "description": "A dangling link takes its place."},
            "backup": {
                "enum": ["keep", "remove"],
                "description": "What happens to the file's backup; kept by default.",
            },
        },
        "oneOf": [{"required": [kind]} for kind in _NAMES],
    }

    def apply(self) -> None:
        """Corrupt the file, and keep what was there before, in it and in its backup."""
        tracked = self.site.files[self.arguments["file"]]
        before = file_content.read(tracked, at_rest=True)
        backup = file_content.read(tracked, tracked.backup, at_rest=True) if tracked.backup else None
        kind = next(name for name in _KINDS if name in self.arguments)
        raw = bot_files.read_regular(tracked.path)
        _KINDS[kind](self, tracked.path, raw or b"")
        if tracked.format == "sqlite" and kind not in _IN_PLACE:
            for beside in sqlite.family(tracked.path)[1:]:
                no_links.unlink(beside)  # else the bot would read what it should not have any more
        if self.arguments.get("backup") == "remove" and tracked.backup:
            no_links.unlink(tracked.backup)
        self._before = _seen(before)
        self._seen_before = {
            "before": self._before,
            "before_fields": bot_files.fields(before, tracked.never_back),
            "backup_before": _seen(backup),
            "backup_fields": bot_files.fields(backup, tracked.never_back),
        }

    def prove(self) -> Proof:
        """It took effect when what is there now is not what was there before."""
        tracked = self.site.files[self.arguments["file"]]
        after = _seen(file_content.read(tracked, at_rest=True))
        changed = after != self._before or "mode" in self.arguments
        backup_gone = self.arguments.get("backup") != "remove" or not (
            tracked.backup and os.path.lexists(tracked.backup)
        )
        return Proof(
            took_effect=changed and backup_gone,
            details={"role": tracked.role, "file": tracked.key, "after": after, **self._seen_before},
        )

    def _hold(self, path: Path, data: bytes) -> None:
        """Let the file hold ``data``, owned by the bot's user; a link in its place is not followed."""
        descriptor = no_links.open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if os.geteuid() == 0:
                os.fchown(stream.fileno(), self.site.user.uid, self.site.user.gid)

    def _text(self, path: Path, before: bytes) -> None:
        self._hold(path, self.arguments["text"].encode())

    def _bytes(self, path: Path, before: bytes) -> None:
        self._hold(path, bytes.fromhex(self.arguments["bytes"]))

    def _empty(self, path: Path, before: bytes) -> None:
        self._hold(path, b"")

    def _truncate(self, path: Path, before: bytes) -> None:
        self._hold(path, before[: self.arguments["truncate_at"]])

    def _flip(self, path: Path, before: bytes) -> None:
        data = bytearray(before)
        places = range(len(data) * 8)
        chance = random.Random(self.arguments.get("seed", 0))
        for bit in chance.sample(places, min(self.arguments["flip_bits"], len(places))):
            data[bit // 8] ^= 1 << (bit % 8)
        self._hold(path, bytes(data))

    def _wrong_shape(self, path: Path, before: bytes) -> None:
        self._hold(path, b'["not", "what", "belongs", "here"]\n')

    def _remove(self, path: Path, before: bytes) -> None:
        no_links.unlink(path)

    def _mode(self, path: Path, before: bytes) -> None:
        descriptor = no_links.open_regular(path, os.O_RDONLY)
        try:
            os.fchmod(descriptor, int(self.arguments["mode"], 8))
        finally:
            os.close(descriptor)

    def _folder(self, path: Path, before: bytes) -> None:
        no_links.unlink(path)
        owner = (self.site.user.uid, self.site.user.gid) if os.geteuid() == 0 else None
        no_links.make_folder(path, 0o755, owner)

    def _dangling_link(self, path: Path, before: bytes) -> None:
        no_links.unlink(path)
        no_links.make_link(path, "nowhere")


def _seen(data: bytes | None) -> dict[str, Any] | None:
    return None if data is None else {"sha256": bot_files.digest(data), "size": len(data)}


#: Kinds that leave a file what it is; all others put something else in its place.
_IN_PLACE = ("flip_bits", "mode")

_KINDS: dict[str, Callable[[Corrupt, Path, bytes], None]] = {
    "text": Corrupt._text,
    "bytes": Corrupt._bytes,
    "empty": Corrupt._empty,
    "truncate_at": Corrupt._truncate,
    "flip_bits": Corrupt._flip,
    "wrong_shape": Corrupt._wrong_shape,
    "remove": Corrupt._remove,
    "mode": Corrupt._mode,
    "folder": Corrupt._folder,
    "dangling_link": Corrupt._dangling_link,
}
