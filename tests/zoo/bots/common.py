"""All that the zoo's Python bots share: their settings, a flag to stop, and a JSON file that is replaced as a whole."""

import contextlib
import json
import os
import signal
import threading
from pathlib import Path

STATE = Path(os.environ.get("STATE_DIR", "."))
LOGS = Path(os.environ.get("LOG_DIR", "."))
#: The one way in which this bot is broken; empty: none.
BROKEN = os.environ.get("BROKEN", "")
EVERY = float(os.environ.get("EVERY") or 5)
#: No limit: 0.
CYCLES = int(os.environ.get("CYCLES") or 0)
stopping = threading.Event()


def stop_when_asked():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())


def say(words):
    """On standard error, whose reader may be gone."""
    with contextlib.suppress(OSError):
        os.write(2, f"{words}\n".encode())


def save(path, document, tell=say):
    try:
        replace(path, document)
    except OSError as problem:
        tell(f"cannot write {path.name}: {problem}")


def replace(path, document):
    """Raises OSError."""
    beside = path.with_name(f"{path.name}.tmp")
    try:
        with beside.open("w") as stream:
            json.dump(document, stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError:
        remove(beside)
        raise


def sync_folder(folder):
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def remove(path):
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def load(path, tell=say):
    remove(path.with_name(f"{path.name}.tmp"))
    try:
        document = json.loads(path.read_text())
        if isinstance(document, dict) and isinstance(document.get("orders", 0), int):
            return document
        tell(f"{path.name} cannot be used: it is no account")
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as problem:
        tell(f"{path.name} cannot be used: {problem}")
    return {}
