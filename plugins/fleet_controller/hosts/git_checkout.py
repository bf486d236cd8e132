"""The files of a commit of a git repository, in a cache. A password in its address reaches its server alone."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from fleet_stress.store.bot_archive import BotCopyError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PART = re.compile(r"[0-9a-f]{4,39}")
_CORRECT, _DIGITS = (
    "correct the address, or the branch, tag or commit",
    "of a commit all forty digits are needed",
)
#: A helper of git (gitcredentials(7)) that says what is in its environment.
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n"'
    ' "$FLEET_STRESS_GIT_USER" "$FLEET_STRESS_GIT_PASSWORD"; }; f'
)


def git(*arguments: str, index: Path | None = None, secret: Secret | None = None) -> str:
    """Run git without asking anybody for anything; returns what it printed. Raises BotCopyError."""
    environment = {
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        # ext:: and the like would run commands.
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "LC_ALL": "C",
        **({"GIT_INDEX_FILE": str(index)} if index else {}),
    }
    argv = ["git", "-c", "core.hooksPath=/dev/null"]
    if secret:
        # For that server alone, and instead of helpers that would remember it. The words below are seen by every
        # user of this machine, the environment is not.
        argv += ["-c", "credential.helper=", "-c", f"credential.{secret.server}.helper={_HELPER}"]
        environment |= {"FLEET_STRESS_GIT_USER": secret.user, "FLEET_STRESS_GIT_PASSWORD": secret.password}
    done = subprocess.run(
        [*argv, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise BotCopyError("\n  ".join(without_secret(line) for line in lines[-4:]) or "git failed")
    return done.stdout.strip()


class Secret(NamedTuple):
    """What an address carried: for which server, and who."""

    server: str
    user: str
    password: str


def without_secret(text: str) -> str:
    """An address may carry a password."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)


def taken_apart(address: str) -> tuple[str, Secret | None]:
    """An address of the web as it may be on git's command line, and the secret that it carried."""
    parts = re.fullmatch(r"(https?://)([^/@\s]*)@([^/\s]+)(.*)", address)
    if not parts:
        return address, None
    scheme, who, server, path = parts.groups()
    user, _, password = who.partition(":")
    return f"{scheme}{server}{path}", Secret(f"{scheme}{server}", unquote(user), unquote(password))


def checked_out(address: str, ref: str, cache: Path) -> tuple[Path, str]:
    """The folder that holds the files of a ref, and its commit; a commit that is there is not fetched."""
    if ref.startswith("-"):
        raise BotCopyError(
            f"bot_ref {ref!r}: is not the name of a branch, a tag or a commit. Correct bot_ref."
        )
    trees = cache / "trees"
    if _COMMIT.fullmatch(ref) and (trees / ref).is_dir():
        return trees / ref, ref
    address, secret = taken_apart(address)
    repository = cache / hashlib.sha256(address.encode()).hexdigest()[:12]
    try:
        git("init", "--quiet", "--bare", str(repository))
        store = f"--git-dir={repository}"
        git(store, "fetch", "--quiet", "--depth=1", "--no-tags", "--force", "--", address, ref, secret=secret)
        commit = git(store, "rev-parse", "--verify", "FETCH_HEAD^{commit}")
    except BotCopyError as problem:
        raise BotCopyError(
            f"bot_source {without_secret(address)}, bot_ref {ref}: cannot be fetched; git said:\n  {problem}"
            f"\nWhat to do: {_DIGITS if _PART.fullmatch(ref) else _CORRECT}."
        ) from problem
    tree = trees / commit
    if not tree.is_dir():
        trees.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=trees, prefix=".making-"))
        try:
            making.chmod(0o755)
            into, index = f"--work-tree={making}", Path(f"{making}.index")
            git(store, into, "checkout", "--quiet", "--force", commit, "--", ".", index=index)
            try:
                making.rename(tree)
            except OSError:
                if not tree.is_dir():  # else another one was faster
                    raise
        finally:
            Path(f"{making}.index").unlink(missing_ok=True)
            shutil.rmtree(making, ignore_errors=True)
    return tree, commit
