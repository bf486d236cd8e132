"""``rival``: a second bot at full speed on the same state folder (row 1.5, "contention").

It stands only once the rival was caught in the middle of writing a state file, so that whatever comes next
in the scenario happens under contention, on the slowest host as well.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import contents, host, process
from fleet_stress.faults.protocol import Fault, Proof, Site, nothing_to_undo, supported_everywhere

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Run the bot a second time, as fast as it goes, on the same state folder.",
    "additionalProperties": False,
    "properties": {},
}

#: Name of the rival's output in the evidence.
NAME = "rival"
#: The rival has so long to start up and be caught writing, in seconds: a deadline, not an expectation.
_CAUGHT_WITHIN = 30.0
_LOOK = 0.1


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start the rival, and wait until it was caught writing a state file, or has ended."""
    known = site.bot["settings"]
    settings: dict[str, Any] = {"max_cycles": ""} if "max_cycles" in known else {}
    if "scan_interval" in known:
        settings["scan_interval"] = known["scan_interval"].get("minimum", 0)
    started = site.launch(settings, NAME)
    return {"process": started, "settings": settings, "wrote": _caught(started, site)}


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when it was caught writing, and still runs."""
    rival = memory["process"]
    code = rival.poll()
    details = {"pid": rival.pid, "settings": memory["settings"], "wrote": memory["wrote"], "ended": code}
    if code is not None:
        details["why"] = f"the second bot ended by itself ({_told(code)}); see {NAME}.err"
    elif not memory["wrote"]:
        details["why"] = f"the second bot was not seen writing to the state folder; see {NAME}.err"
    return Proof(bool(memory["wrote"]), details)


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the rival: asked first, killed when it does not listen. Its exit is told."""
    rival: subprocess.Popen[bytes] = memory["process"]
    kin = process.descendants(rival.pid)
    by, asked_at = "itself", time.monotonic()
    if rival.poll() is None:
        by = "signal"
        rival.send_signal(signal.SIGTERM)
        try:
            rival.wait(3 * float(site.bot["stop_within"]) + 30)
        except subprocess.TimeoutExpired:
            by = "engine"
            rival.kill()
            rival.wait()
    process.end_all(kin)
    return {
        "exit": {"code": rival.returncode, "by": by, "after": round(time.monotonic() - asked_at, 3)},
        "running": rival.poll() is None,
    }


def _caught(started: subprocess.Popen[bytes], site: Site) -> list[str]:
    """State files that it was caught writing: stopped, looked at, and let go on."""
    folder = Path(site.places["state_dir"])
    deadline = time.monotonic() + _CAUGHT_WITHIN
    with host.Writes(folder) as writes:
        while started.poll() is None and time.monotonic() < deadline:
            if writes.wait(_LOOK) and process.hold(started.pid):
                opened = process.open_for_writing(started.pid, folder)
                found = contents.being_written(opened, folder, started.pid, site.files.values())
                started.send_signal(signal.SIGCONT)
                if found:
                    return found
    return []


def _told(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"death by SIG{process.signal_name(-code)}"


FAULT = Fault(
    name="rival",
    title="a second bot writes the same state",
    stands=True,
    schema=SCHEMA,
    supported=supported_everywhere,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
)
