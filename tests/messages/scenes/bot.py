"""A bot's source, copy and environment that are not as they should be."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_stress.store import bot_archive, bot_copy
from tests.as_module import loaded
from tests.messages.scenes.common import _archive, _marked, _member


def _unpacks(tmp: Path, *members: tarfile.TarInfo) -> None:
    bot_copy.unpack(_archive(tmp, *members), tmp / "into", 0.0001)


def archive_with_a_device(tmp: Path) -> None:
    _unpacks(tmp, _member("disk", type=tarfile.CHRTYPE))


def archive_with_a_link(tmp: Path) -> None:
    _unpacks(tmp, _member("out", type=tarfile.SYMTYPE, linkname="../.."))


def archive_out_of_order(tmp: Path) -> None:
    _unpacks(tmp, _member("folder/main.py"))


def archive_too_large(tmp: Path) -> None:
    _unpacks(tmp, _member("main.py", size=1000))


def archive_damaged(tmp: Path) -> None:
    (tmp / "bot.tar.gz").write_bytes(gzip.compress(b"no archive"))
    bot_copy.unpack(tmp / "bot.tar.gz", tmp, 1)


def _wanted(tmp: Path, **changes: Any) -> bot_copy.CopyRequest:
    about = {"name": "mine", "content": "x", "overlay": {}, "commands": {}, "limit_mb": 1.0}
    return bot_copy.CopyRequest(bots=tmp / "bots", archive=tmp / "bot.tar.gz", **{**about, **changes})


def copies_not_ours(tmp: Path) -> None:
    bot_copy.place(_wanted(tmp))


def archive_is_another(tmp: Path) -> None:
    (_marked(tmp) / "bots").mkdir()
    _archive(tmp)
    bot_copy.place(_wanted(tmp))


def no_such_program(tmp: Path) -> None:
    (_marked(tmp) / "bots").mkdir()
    _archive(tmp)
    content = bot_copy.unpack(tmp / "bot.tar.gz", tmp / "into", 1).content
    bot_copy.place(_wanted(tmp, content=content, commands={"argv": ["no-such-program", "-v"]}))


def overlay_of_code(tmp: Path) -> None:
    bot_copy.place(_wanted(tmp, overlay={"main.py": "pass"}))


def overlay_outside(tmp: Path) -> None:
    bot_copy.place(_wanted(tmp, overlay={"../config.yml": ""}))


def overlay_over_a_folder(tmp: Path) -> None:
    (tmp / "config.yml").mkdir()
    bot_copy.lay_over(tmp, "config.yml", "")


def overlay_through_a_link(tmp: Path) -> None:
    (tmp / "conf").symlink_to("/etc")
    bot_copy.lay_over(tmp, "conf/bot.yml", "")


def source_too_large(tmp: Path) -> None:
    (tmp / "bot").mkdir()
    (tmp / "bot/data.bin").write_bytes(b"x" * 3_000_000)
    bot_archive.pack(tmp / "bot", bot_archive.Rules(), tmp / "archives", 1)


def source_gone(tmp: Path) -> None:
    bot_archive.take(tmp / "bot", bot_archive.Rules())


def source_with_a_link(tmp: Path) -> None:
    (tmp / "bot").mkdir()
    (tmp / "bot/key").symlink_to("/etc/hostname")
    bot_archive.take(tmp / "bot", bot_archive.Rules())


def source_too_deep(tmp: Path) -> None:
    (tmp / "bot" / "/".join(["a"] * 66)).mkdir(parents=True)
    bot_archive.take(tmp / "bot", bot_archive.Rules())


def source_not_readable(tmp: Path) -> None:
    bot_archive._unreadable(PermissionError(13, "Permission denied", "/srv/bot/key"))


def environment_is_being_built(tmp: Path) -> None:
    module = loaded("library/python_env.py")
    with module.alone(tmp / "env", 0.0), module.alone(tmp / "env", 0.0):
        pass


def environment_took_too_long(tmp: Path) -> None:
    module = loaded("library/python_env.py")
    with module.alone(tmp / "env", 5.0) as lock:
        (tmp / "env").mkdir()
        module.Builder(tmp / "env", "", 0.0, lock)._run(["sleep", "60"], "requirements do not install")


def environment_of_nobody(tmp: Path) -> None:
    with mock.patch("os.geteuid", return_value=0):
        loaded("library/python_env.py").Builder(tmp / "env", "nobody-of-that-name", 1.0, 0)


def copies_of_nobody(_tmp: Path) -> None:
    with mock.patch("os.geteuid", return_value=0):
        loaded("library/bot_copy.py").group_of("nobody-of-that-name")
