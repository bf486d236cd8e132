"""A secret that is planted wherever one may be is searched for wherever we leave or show anything: it is nowhere."""

import gzip
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from .conftest import ROOT, bot

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow, pytest.mark.timeout(900)]

#: Each worker of pytest its own: they see each other's processes.
CANARY = f"CANARY-{os.getpid()}-7f3a91"

#: A bot that looks at its own environment and at everybody's command lines, and says so only when it finds one.
BOT = """
import glob, json, os, time
found = sorted(name for name, value in os.environ.items() if "CANARY" in name + value)
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        with open(path, "rb") as stream:
            if b"CANARY-" in stream.read():
                found.append(path)
    except OSError:
        pass
for cycle in range(1, int(os.environ["MAX_CYCLES"]) + 1):
    document = {"cycles": cycle, "found": found}
    path = os.environ["STATE_DIR"] + "/health.json"
    with open(path + ".new", "w") as stream:
        json.dump(document, stream)
    os.replace(path + ".new", path)
    time.sleep(float(os.environ["SCAN_INTERVAL_SECONDS"]))
"""


class Passers_by(threading.Thread):
    """Looks again and again at what every user of this machine may see of every process."""

    def __init__(self):
        super().__init__()
        self.seen, self.over = {}, threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            for process in psutil.process_iter():
                try:
                    line = " ".join(process.cmdline())
                except psutil.Error:
                    continue
                if CANARY in line:
                    self.seen[line] = process.pid


@pytest.fixture
def source(tmp_path):
    """A bot in a git repository, and a folder of packages that one finds by a secret address alone."""
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "main.py").write_text(BOT)
    (folder / ".env").write_text(f"EXCHANGE_KEY={CANARY}-env-file\n")
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for words in (("init", "--quiet"), ("add", "main.py"), ("commit", "--quiet", "-m", "x")):
        subprocess.run(["git", "-C", folder, *identity, *words], check=True)
    return folder


def below(folder):
    """Everything below a folder, archives as what is in them: name and bytes."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        yield str(path), str(path).encode() + path.read_bytes()
        if path.name.endswith(".gz"):
            with gzip.open(path) as stream:
                yield f"{path} unpacked", stream.read()
        if path.name.endswith((".tar.gz", ".tgz")):
            with tarfile.open(path) as source:
                assert source.getnames()


def canaries(*folders):
    return sorted(name for folder in folders for name, data in below(folder) if CANARY.encode() in data)


def since(moment):
    """What the log of this machine got meanwhile, where there is one."""
    found = b""
    for path in ("/var/log/syslog", "/var/log/messages", "/var/log/user.log", "/var/log/auth.log"):
        if Path(path).exists() and Path(path).stat().st_mtime >= moment:
            found += Path(path).read_bytes()
    return found


# What -v prints, -vvv prints too.
@pytest.mark.parametrize("verbose", [pytest.param("-v", marks=pytest.mark.long), "-vvv"])
def test_a_planted_secret_is_found_nowhere(fresh_play, tmp_path, source, monkeypatch, verbose):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text(f"machine example.org login me password {CANARY}-netrc\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    for name in ("AWS_SECRET_ACCESS_KEY", "EXCHANGE_API_KEY", "GITHUB_TOKEN", "PIP_PASSWORD"):
        monkeypatch.setenv(name, f"{CANARY}-environment")
    fresh_play.host("here", ansible_become_password=f"{CANARY}-become", vaulted=f"{CANARY}-vault")
    variables = bot(source.parent, None)
    variables["bot_source"] = str(source)
    pip = {
        "PIP_INDEX_URL": f"https://me:{CANARY}-index@packages.invalid/simple",
        "PIP_FIND_LINKS": str(tmp_path),
        "COMPANY_TOKEN": f"{CANARY}-token",
    }
    # As docs/security.md advises: a command line is seen by everybody, a file is not.
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"bot_pip_environment": pip}))
    began = time.time()
    looking = Passers_by()
    looking.start()
    decoy = subprocess.Popen(
        [sys.executable, "-c", "input()", f"{CANARY}-decoy"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        code, said = fresh_play.run(
            verbose, "-e", f"@{secrets}", **variables, stress_cache_dir=str(tmp_path / "cache")
        )
    finally:
        decoy.communicate()
        looking.over.set()
        looking.join()

    assert code == 0, said
    assert fresh_play.verdicts() == {"baseline": "passed"}
    assert [pid for line, pid in looking.seen.items()] == [decoy.pid], list(looking.seen)
    assert CANARY not in said
    assert canaries(fresh_play.places, fresh_play.results, tmp_path / "cache") == []
    assert CANARY.encode() not in since(began)
    state = next(fresh_play.places.rglob("state/health.json"))
    assert json.loads(state.read_text())["found"] == []


def test_a_secret_in_what_fails_is_not_told_either(fresh_play, tmp_path, source):
    (source / "requirements.txt").write_text("no-such-package-of-anybody==9.9\n")
    subprocess.run(["git", "-C", source, "add", "requirements.txt"], check=True)
    pip = {"PIP_INDEX_URL": f"https://me:{CANARY}-index@127.0.0.1:9/simple", "PIP_RETRIES": "0"}

    code, said = fresh_play.run(
        "-vvv",
        **{**bot(source.parent, None), "bot_source": str(source)},
        bot_requirements="requirements.txt",
        bot_pip_environment=pip,
    )

    assert code != 0
    assert "the bot's requirements do not install" in fresh_play.document["hosts"]["here"]["problem"]
    assert CANARY not in said
    assert canaries(fresh_play.places, fresh_play.results) == []


def test_the_project_says_what_the_log_of_a_host_gets():
    assert "no_target_syslog = True" in (ROOT / "ansible.cfg").read_text()
