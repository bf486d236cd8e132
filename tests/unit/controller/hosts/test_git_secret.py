"""The password in a git address: it reaches its server, and nobody else: no command line, no file, no message."""

import base64
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import psutil
import pytest
from fleet_controller.hosts.pack_bot import packed

from fleet_stress.store.bot_archive import BotCopyError, Rules

USER, PASSWORD = "reader", "CANARY-pa55/word@"
ADDRESS = "http://reader:CANARY-pa55%2Fword%40@127.0.0.1:{port}/bot.git"


def git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True)


class Server(BaseHTTPRequestHandler):
    """A git server that asks for a password, and looks meanwhile at what every user of this machine can see."""

    def do_GET(self):
        self._serve(b"")

    def do_POST(self):
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body):
        self.server.seen += [" ".join(line) for line in command_lines() if "CANARY" in " ".join(line)]
        said = self.headers.get("Authorization", "")
        self.server.said.append(said)
        if said != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="bots"')
            self.end_headers()
            return
        asked = urlsplit(self.path)
        answer = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            env={
                **os.environ,
                "GIT_PROJECT_ROOT": str(self.server.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": asked.path,
                "QUERY_STRING": asked.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_USER": USER,
            },
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            name, _, value = line.partition(": ")
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def command_lines():
    for process in psutil.process_iter():
        try:
            yield process.cmdline()
        except psutil.Error:
            continue


@pytest.fixture
def server(tmp_path):
    source = tmp_path / "served/bot.git"
    source.mkdir(parents=True)
    git(source, "init", "--quiet", "--bare")
    work = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(source), str(work))
    (work / "main.py").write_text("version = 1\n")
    (
        git(work, "add", "."),
        git(work, "commit", "--quiet", "-m", "x"),
        git(work, "push", "--quiet", "origin", "HEAD"),
    )
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    serving.folder, serving.seen, serving.said = source.parent, [], []
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()
    thread.join()


@pytest.fixture
def pack(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    # A helper that would remember every password that it hears of.
    (tmp_path / "home/.gitconfig").write_text("[credential]\n  helper = store\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    asked = {"rules": Rules(), "requirements": [], "commands": {}, "max_mb": 9}
    return lambda address: packed(address, "HEAD", tmp_path / "cache", **asked)


def canaries_below(folder):
    return [path for path in folder.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()]


def test_the_password_reaches_its_server_and_is_seen_nowhere(server, pack, tmp_path):
    answer = pack(ADDRESS.format(port=server.server_port))

    assert answer["files"] == 1
    assert any(server.said), "the server was told the password"
    assert server.seen == []
    assert canaries_below(tmp_path / "cache") == []
    assert canaries_below(tmp_path / "home") == []
    assert "CANARY" not in str(answer)


def test_a_refused_password_is_not_repeated_to_anybody(server, pack):
    wrong = ADDRESS.format(port=server.server_port).replace("pa55", "wrong")

    with pytest.raises(BotCopyError, match="cannot be fetched") as refused:
        pack(wrong)

    assert "CANARY" not in str(refused.value)
