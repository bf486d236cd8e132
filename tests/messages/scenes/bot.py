"""A bot's source, copy and environment that are not as they should be."""

from __future__ import annotations

import gzip
import importlib
import os
import pwd
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.hosts.pack_bot import packed

from fleet_stress.store import bot_archive, bot_copy
from tests.as_module import find_module_utils, loaded
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


def program_not_there(tmp: Path) -> None:
    (tmp / "bot").mkdir()
    (tmp / "bot/main.py").write_text("pass")
    asked = {"rules": bot_archive.Rules(), "requirements": ["requirements.txt"], "max_mb": 5}
    packed(str(tmp / "bot"), "HEAD", tmp / "cache", commands={"argv": ["${python}", "mian.py"]}, **asked)


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
        module.Builder(tmp / "env", None, 0.0, lock)._run(["sleep", "60"], "requirements do not install")


def environment_of_nobody(tmp: Path) -> None:
    with mock.patch("os.geteuid", return_value=0):
        loaded("library/python_env.py").builder_called("nobody-of-that-name", tmp / "env")


def _part(name: str) -> Any:
    """A part of the module ``python_env``."""
    find_module_utils()
    return importlib.import_module(f"ansible.module_utils.stress_environment.{name}")


def _read_requirements(tmp: Path) -> None:
    _part("requirement_files").read_requirements(tmp, ["requirements.txt"], [], optional=False)


def requirements_through_a_link(tmp: Path) -> None:
    (tmp / "requirements.txt").symlink_to("/root/.vault_pass")
    _read_requirements(tmp)


def requirements_too_large(tmp: Path) -> None:
    (tmp / "requirements.txt").write_text("thing\n" * 50_000)
    _read_requirements(tmp)


def requirements_without_end(tmp: Path) -> None:
    (tmp / "requirements.txt").write_text("-r one.txt\n" * 101)
    (tmp / "one.txt").touch()
    _read_requirements(tmp)


def bots_user_cannot_be_asked(_tmp: Path) -> None:
    user = pwd.struct_passwd(("fleet-stress", "x", 61_000, 61_000, "", "/", ""))
    _part("as_builder").asked_as(user, lambda: os._exit(1))


def _builder(tmp: Path) -> Any:
    (tmp / "env/.home").mkdir(parents=True)
    return _part("builder").Builder(tmp / "env", None, 60.0, os.open(os.devnull, os.O_RDONLY))


def environment_without_python(tmp: Path) -> None:
    _builder(tmp)._check_that_it_starts()


def environment_compiles_into_the_bot(tmp: Path) -> None:
    (tmp / "bot").mkdir()
    builder, bot = _builder(tmp), _part("builder").Bot(tmp / "bot", "", True, True)
    with mock.patch.object(builder, "_run", lambda *_: (tmp / "env/.home/source/fast.so").touch()):
        builder._install(_part("request").Request("", "", (), ("-e .",), (), ()), [], bot)


def environment_goes_on(tmp: Path) -> None:
    contained = _part("contained")
    with mock.patch.object(contained, "run", lambda *_: (contained.STILL_THERE, "")):
        _builder(tmp)._run(["pip"], "the bot's requirements do not install")


def environment_not_taken(tmp: Path) -> None:
    (tmp / "tree").mkdir()
    _part("sealed_tree").seal(tmp / "tree", tmp / "copy", builder=os.geteuid() + 1)


def copies_of_nobody(_tmp: Path) -> None:
    with mock.patch("os.geteuid", return_value=0):
        loaded("library/bot_copy.py").group_of("nobody-of-that-name")
