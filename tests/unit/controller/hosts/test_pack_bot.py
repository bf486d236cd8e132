"""hosts/pack_bot.py: a folder or a commit becomes an archive; what is wrong is said before any host."""

import subprocess
import tarfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from fleet_controller.hosts import git_checkout
from fleet_controller.hosts.pack_bot import packed

from fleet_stress.store.bot_archive import BotCopyError, Rules


@pytest.fixture
def pack(tmp_path):
    """``pack(source, ref)``: what it answers, or its message if it must fail."""

    def run(source, ref="HEAD", fails=False, **asked):
        limits = {"commands": {"argv": ["${python}", "main.py"]}, "requirements": [], "max_mb": 10}
        rules = Rules(asked.pop("leave_out", []), asked.pop("own_files", []))
        with pytest.raises(BotCopyError) if fails else nullcontext() as problem:
            return packed(str(source), ref, tmp_path / "cache", rules=rules, **{**limits, **asked})
        return str(problem.value)

    return run


@pytest.fixture
def bot(tmp_path):
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "main.py").write_text("version = 1\n")
    (folder / ".env").write_text("TOKEN=hunter2\n")
    return folder


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.address = f"file://{folder}"
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        name = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        argv = ["git", "-C", str(self.folder), *name, *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self):
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message=x")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(bot):
    return Repository(bot)


def text_of(answer, name="main.py"):
    with tarfile.open(answer["archive"]) as tar:
        return tar.extractfile(name).read().decode()


def test_a_folder_is_packed_once_and_without_its_secrets(pack, bot):
    first = pack(bot)
    made = Path(first["archive"]).stat().st_mtime_ns
    assert (first["commit"], first["files"], first["left_out"]) == ("", 1, [".env"])
    assert Path(first["archive"]).name == f"{first['content'][:12]}.tar.gz"
    assert pack(bot) == first
    assert Path(first["archive"]).stat().st_mtime_ns == made


def test_what_the_profile_and_the_operator_do_not_want_stays(pack, bot):
    (bot / "state.json").touch()
    (bot / "big.csv").touch()
    answer = pack(bot, leave_out=["*.csv"], own_files=["state.json"])
    assert answer["left_out"] == [".env", "big.csv", "state.json"]


def test_all_that_is_missing_is_told_at_once(pack, bot):
    commands = {"argv": ["${python}", "gone.py"], "web": ["./web.sh"]}
    message = pack(bot, fails=True, commands=commands, requirements=["requirements.txt"])
    for told in (str(bot), "gone.py is not", "web.sh is not", "requirements file requirements.txt is not"):
        assert told in message


@pytest.mark.parametrize(
    ("max_mb", "source", "told"), [(0, "bot", "bot_source_max_mb"), (9, "no", "is not there")]
)
def test_a_folder_that_is_too_large_or_not_there(pack, bot, tmp_path, max_mb, source, told):
    assert told in pack(tmp_path / source, fails=True, max_mb=max_mb)


def test_a_link_that_leaves_is_told_before_any_host(pack, bot):
    (bot / "key").symlink_to("/etc/passwd")
    assert "key is a link that leaves" in pack(bot, fails=True)


# ---- git ----


def test_branches_tags_and_commits_are_packed(pack, repository, bot):
    first = repository.commit()
    repository.git("tag", "v1")
    (bot / "main.py").write_text("version = 2\n")
    second = repository.commit()

    for ref, commit, text in (("v1", first, "= 1"), ("main", second, "= 2"), ("HEAD", second, "= 2")):
        answer = pack(repository.address, ref)
        assert answer["commit"] == commit
        assert text in text_of(answer)
    assert pack(repository.address, first)["content"] == pack(repository.address, "v1")["content"]


def test_a_branch_that_moved_is_fetched_and_a_commit_that_is_there_is_not(pack, repository, bot):
    first = repository.commit()
    pack(repository.address, "main")
    (bot / "main.py").write_text("version = 2\n")
    second = repository.commit()
    assert pack(repository.address, "main")["commit"] == second
    bot.rename(bot.with_name("away"))
    assert pack(repository.address, first)["commit"] == first


def test_a_folder_whose_name_ends_like_a_repository_is_a_folder(pack, bot):
    folder = bot.rename(bot.with_name("bot.git"))
    assert pack(folder)["commit"] == ""


def test_a_ref_or_address_that_is_not_there_is_told_without_the_password(pack, repository):
    repository.commit()
    message = pack(repository.address, "no-such-branch", fails=True)
    assert "bot_ref no-such-branch: cannot be fetched" in message and "forty digits" not in message
    assert "forty digits" in pack(repository.address, "0a1b2c3", fails=True)
    message = pack("file://me:hunter2@/no/such/place.git", fails=True)
    assert "hunter2" not in message and "//***@" in message


@pytest.mark.parametrize("ref", ["--upload-pack=touch x", "-x"])
def test_a_ref_is_no_option(pack, repository, ref):
    repository.commit()
    assert "is not the name of a branch" in pack(repository.address, ref, fails=True)


@pytest.mark.parametrize("allowed", ["", "ext"])
def test_an_address_runs_no_command(pack, tmp_path, monkeypatch, allowed):
    address = f"ext::touch {tmp_path}/harm.git"
    if allowed:
        monkeypatch.setenv("GIT_ALLOW_PROTOCOL", allowed)
    assert "cannot be fetched" in pack(address, fails=True)
    assert not (tmp_path / "harm.git").exists()


def test_a_checkout_that_another_one_made_meanwhile_is_used(repository, tmp_path, monkeypatch):
    commit, really = repository.commit(), git_checkout.git
    tree = tmp_path / "cache/trees" / commit

    def git(*arguments, **more):
        if "checkout" in arguments:
            tree.mkdir()
            (tree / "main.py").write_text("from the other one")
        return really(*arguments, **more)

    monkeypatch.setattr(git_checkout, "git", git)
    assert git_checkout.checked_out(repository.address, "main", tmp_path / "cache") == (tree, commit)
    assert (tree / "main.py").read_text() == "from the other one"
    assert [path.name for path in tree.parent.iterdir()] == [commit]


def test_a_checkout_that_is_cut_off_leaves_nothing_that_looks_whole(repository, tmp_path, monkeypatch):
    repository.commit()
    really = git_checkout.git

    def git(*arguments, **more):
        if "checkout" in arguments:
            raise KeyboardInterrupt
        return really(*arguments, **more)

    monkeypatch.setattr(git_checkout, "git", git)
    with pytest.raises(KeyboardInterrupt):
        git_checkout.checked_out(repository.address, "main", tmp_path / "cache")
    assert list((tmp_path / "cache/trees").iterdir()) == []
