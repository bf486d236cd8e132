"""The functions of the operating system as they were before any was replaced. All of the shim uses these."""

from __future__ import annotations

import _io
import posix
from types import SimpleNamespace
from typing import Any

#: The functions of ``os``.
system: Any = SimpleNamespace(**vars(posix))
FileIO = _io.FileIO
