"""What is taken from a bot's folder: its code, never its secrets or its living data, and nothing from outside."""

import os
import tarfile

import pytest

from fleet_stress.store.bot_archive import (
    BotCopyError,
    Rules,
    leaves,
    missing_programs,
    pack,
    script_of,
    take,
)


@pytest.fixture
def bot(tmp_path):
    """``bot("main.py", "state/keep.json")``: a folder with these files."""
    root = tmp_path / "bot"
    root.mkdir()

    def make(*paths):
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"content of {path}\n")
        return root

    return make


def taken(folder, *arguments):
    return [entry.path for entry in take(folder, Rules(*arguments)).entries]


def test_code_and_its_folders_are_taken_with_their_kind(bot):
    root = bot("main.py", "trader/loop.py")
    (root / "main.py").chmod(0o755)
    (root / "run").symlink_to("main.py")
    (root / "empty").mkdir()

    entries = {entry.path: (entry.kind, entry.executable) for entry in take(root, Rules()).entries}

    assert entries == {
        "empty": ("folder", True),
        "main.py": ("file", True),
        "run": ("link", False),
        "trader": ("folder", True),
        "trader/loop.py": ("file", False),
    }


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".env.production", "deep/.env", "api.key", "keys/api.pem", ".netrc", ".ssh/id_rsa"),
        *(".aws/credentials", ".git/config", ".venv/bin/python", "a/__pycache__/m.pyc", "node_modules/x.js"),
    ],
)
def test_secrets_and_what_is_made_again_are_never_taken(bot, path):
    found = take(bot("main.py", path), Rules())
    assert not [entry for entry in found.entries if entry.kind == "file" and entry.path != "main.py"]
    assert len(found.left_out) == 1


def test_an_example_of_a_secret_is_no_secret(bot):
    assert taken(bot(".env.example", ".env")) == [".env.example"]


def test_a_living_bots_data_stays_where_it_is(bot):
    root = bot("state/a.json", "logs/.gitkeep", "logs/x/y.log", "results/r.csv", "log/tail.py", "log/old.log")
    assert taken(root) == ["log", "log/old.log", "log/tail.py", "logs", "logs/.gitkeep", "results", "state"]


def test_state_files_that_the_profile_names_are_left_out_wherever_they_lie(bot):
    root = bot(
        "bot_state.json", "data/bot_state.json", "data/ledger.json", "other/ledger.json", "config.json"
    )
    own = ("bot_state.json", "${bot_dir}/data/ledger.json", "${tmp_dir}/config.json")
    assert taken(root, (), own) == ["config.json", "data", "other", "other/ledger.json"]


def test_what_the_operator_does_not_want_is_left_out(bot):
    root = bot("main.py", "data/huge.bin", "docs/a.md", "docs/deep/b.md")
    assert taken(root, ("data/", "docs/*.md")) == ["docs", "docs/deep", "main.py"]


def test_neither_sockets_nor_pipes_nor_a_stress_dir_are_taken(bot):
    root = bot("main.py", "ours/.fleet-stress", "ours/runs/x.json")
    os.mkfifo(root / "pipe")
    found = take(root, Rules())
    assert [entry.path for entry in found.entries] == ["main.py"]
    assert found.left_out == ("ours", "pipe")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "a/../../outside", "."])
def test_a_link_that_leaves_is_refused_and_named(bot, tmp_path, target):
    (tmp_path / "outside").touch()
    root = bot("a/main.py")
    (root / "inner").symlink_to(target)
    if target == ".":
        assert taken(root) == ["a", "a/main.py", "inner"]
    else:
        with pytest.raises(BotCopyError, match="inner is a link that leaves"):
            take(root, Rules())
        assert taken(root, ("inner",)) == ["a", "a/main.py"]


def test_a_link_that_leaves_over_another_link_is_refused(bot):
    root = bot("a/main.py")
    (root / "a/up").symlink_to("..")
    (root / "a/out").symlink_to("up/..")
    assert not leaves("a/out", "up/..")  # by its words alone it stays
    with pytest.raises(BotCopyError, match="a/out is a link that leaves"):
        take(root, Rules())


def test_a_folder_that_is_named_by_a_link_is_taken(bot, tmp_path):
    root = bot("main.py", "state/a.json")
    (tmp_path / "current").symlink_to("bot")
    assert take(tmp_path / "current", Rules()) == take(root, Rules())
    assert taken(root) == ["main.py", "state"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BotCopyError, match=r"bot_source .*/gone: is not there"):
        take(tmp_path / "gone", Rules())


def test_what_cannot_be_read_is_named(bot, monkeypatch):
    root, really = bot("main.py", "a/x.py"), os.open

    def refuse(path, *more, **options):
        if path == "x.py":
            raise PermissionError(13, "Permission denied")
        return really(path, *more, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(BotCopyError, match=r"a/x\.py cannot be read \(Permission denied\)"):
        take(root, Rules())


# ---- the archive ----


def test_the_hash_knows_names_contents_links_and_bits_but_no_times(bot):
    root = bot("main.py")
    seen = [take(root, Rules()).content]
    os.utime(root / "main.py", (1, 1))
    assert take(root, Rules()).content == seen[0]
    for change in (
        lambda: (root / "main.py").write_text("other"),
        lambda: (root / "main.py").chmod(0o755),
        lambda: (root / "main.py").rename(root / "run.py"),
        lambda: (root / "link").symlink_to("run.py"),
        lambda: (root / "folder").mkdir(),
    ):
        change()
        seen.append(take(root, Rules()).content)
    assert len(set(seen)) == len(seen)


def test_it_is_packed_once_and_the_same_everywhere(bot, tmp_path):
    root = bot("main.py", "a/b.py")
    (root / "link").symlink_to("main.py")
    archives = tmp_path / "archives"
    found, archive = pack(root, Rules(), archives, 10)
    os.utime(root / "main.py", (1, 1))
    _, elsewhere = pack(root, Rules(), tmp_path / "others", 10)
    made = archive.stat().st_mtime_ns

    assert pack(root, Rules(), archives, 10) == (found, archive)
    assert archive.stat().st_mtime_ns == made
    assert archive.read_bytes() == elsewhere.read_bytes()
    assert [path.name for path in archives.iterdir()] == [f"{found.content[:12]}.tar.gz"]
    with tarfile.open(archive) as tar:
        assert {(item.uid, item.mtime, item.uname) for item in tar} == {(0, 0, "")}


def test_more_than_the_limit_is_refused_with_what_is_largest(bot, tmp_path):
    root = bot("main.py", "data/x")
    (root / "data/x").write_bytes(bytes(3 << 20))
    with pytest.raises(BotCopyError, match=r"3 MiB are more than bot_source_max_mb \(2\); .*: data 3 MiB"):
        pack(root, Rules(), tmp_path / "archives", 2)
    assert not (tmp_path / "archives").exists()


def test_a_file_that_shrinks_while_it_is_packed_leaves_no_archive(bot, tmp_path, monkeypatch):
    root = bot("main.py")
    really = tarfile.TarFile.addfile

    def shrink(tar, info, stream=None):
        (root / "main.py").write_text("")
        really(tar, info, stream)

    monkeypatch.setattr(tarfile.TarFile, "addfile", shrink)
    with pytest.raises(BotCopyError, match=r"main\.py cannot be read .*let it rest"):
        pack(root, Rules(), tmp_path / "archives", 10)
    assert list((tmp_path / "archives").iterdir()) == []


# ---- what a profile starts ----


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (["${python}", "main.py", "--x"], "main.py"),
        (["${python}", "-u", "-X", "dev", "${bot_dir}/main.py"], "main.py"),
        (["${python}", "-m", "bot"], ""),
        (["${python}", "-c", "pass"], ""),
        (["./run.sh"], "run.sh"),
        (["${bot_dir}/bin/run"], "bin/run"),
        (["node", "main.js"], ""),
        (["/usr/bin/env"], ""),
        (["${tmp_dir}/x"], ""),
        ([], ""),
    ],
)
def test_the_script_that_a_command_starts(argv, script):
    assert script_of(argv) == script


def test_a_script_that_was_not_taken_is_told_by_the_commands_name(bot):
    found = take(bot("main.py", "web.py/x"), Rules())
    commands = {"argv": ["${python}", "main.py"], "dashboard": ["${python}", "web.py"], "other": ["node"]}
    [sentence] = missing_programs(found, commands)
    assert sentence.startswith("dashboard") and "web.py is not in the bot's folder" in sentence
