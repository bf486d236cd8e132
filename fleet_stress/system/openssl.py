"""openssl(1): OpenSSL on Linux, LibreSSL on macOS. Callers use only options that both know."""

from __future__ import annotations

from fleet_stress.system.programs import Completed, run


def openssl(*words: str) -> Completed:
    """Run one of its commands to its end; never raises because of it."""
    return run(["openssl", *words])
