"""What the operating system offers, as it was before anything was put in its place. All of the stand-in uses these."""

from __future__ import annotations

import _io
import posix
from types import SimpleNamespace
from typing import Any

#: The functions of ``os``.
system: Any = SimpleNamespace(**vars(posix))
FileIO = _io.FileIO
