"""``errors.log``: what went wrong, in six files of bounded size at most."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
BACKUPS = 5


class Log:
    """The log of a run. A log that cannot be written never stops the bot: the line goes to standard error."""

    def __init__(self, folder: Path) -> None:
        self._handler = _Handler(
            folder / "errors.log", maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger = logging.Logger("trader")
        logger.addHandler(self._handler)
        self.info = logger.info
        self.warning = logger.warning
        self.error = logger.error

    def close(self) -> None:
        """Write the end of it, as far as that is possible."""
        with contextlib.suppress(OSError):  # what could not be written has been told
            self._handler.close()

    @property
    def failures(self) -> int:
        """How many lines could not be written."""
        return self._handler.failures


class _Handler(RotatingFileHandler):
    failures = 0

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        self.failures += 1
        line = f"errors.log cannot be written ({sys.exc_info()[1]}): {record.getMessage()}\n"
        # Standard error may lie on the same full disk. Not by way of sys.stderr, which would keep what it
        # could not write, try it again at the very end and turn the exit code into 120.
        with contextlib.suppress(OSError):
            os.write(2, line.encode("utf-8", "backslashreplace"))
