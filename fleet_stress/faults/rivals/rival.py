"""``rival``: a second bot at full speed on the same state folder (row 1.5, "contention").

It is active only once the rival was caught in the middle of writing a state file, so that whatever comes next
in the scenario happens under contention, on the slowest host as well. A bot that refuses a second one is forced to
let it run, as its profile says (``second_instance.forced_by``).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.rivals import second_bot
from fleet_stress.faults.site import Site, Where
from fleet_stress.store.exit_words import exit_words, split_exit
from fleet_stress.store.setting_units import to_a_second

#: Name of the rival's output in the evidence.
NAME = "rival"
#: The rival has so long to start up and be caught writing, in seconds: a deadline, not an expectation.
_CAUGHT_WITHIN = 30.0
_LOOK = 0.1


class Rival(Fault):
    name = "rival"
    title = "a second bot writes the same state"
    schema = {
        "type": "object",
        "description": "Run the bot a second time, as fast as possible, on the same state folder.",
        "additionalProperties": False,
        "properties": {},
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Nothing is needed of the host; a bot that refuses a second one has to say how one is forced."""
        if second_bot.forced_by(where.bot) is not None:
            return None
        return Unsupported(
            "the bot refuses to be started a second time, so there is no second writer",
            "if it has a way to run all the same, name it in its profile: second_instance.forced_by",
        )

    def apply(self) -> None:
        """Start the rival, and wait until it was caught writing a state file, or has ended."""
        known = self.site.bot["settings"]
        settings: dict[str, Any] = {}  # without max_cycles: it runs until it is ended
        if "scan_interval" in known:
            words = known["scan_interval"]
            settings["scan_interval"] = words.get("minimum", 0) / to_a_second(words)
        started = self.site.running.launch(settings, NAME, second_bot.forced_by(self.site.bot) or {})
        self._process = started
        self._settings = settings
        self._wrote = _caught(started, self.site)

    def prove(self) -> Proof:
        """It took effect when it was caught writing, and still runs."""
        rival = self._process
        code = rival.poll()
        details = {"pid": rival.pid, "settings": self._settings, "wrote": self._wrote, "ended": code}
        if code is not None:
            details["why"] = (
                f"the second bot ended by itself ({exit_words(split_exit(code))}); see {NAME}.err"
            )
        elif not self._wrote:
            details["why"] = f"the second bot was not seen writing to the state folder; see {NAME}.err"
        return Proof(bool(self._wrote), details)

    def revert(self) -> Mapping[str, Any]:
        """End the rival: by SIGTERM, and SIGKILL when it does not end. Its exit is in the evidence."""
        return second_bot.end(self._process, self.site, f"{self.site.mark}/{NAME}")


def _caught(started: subprocess.Popen[bytes], site: Site) -> list[str]:
    """State files that it was caught writing: stopped, looked at, and let go on."""
    folder = Path(site.places["state_dir"])
    deadline = time.monotonic() + _CAUGHT_WITHIN
    with system.WriteWatcher(folder) as writes:
        while started.poll() is None and time.monotonic() < deadline:
            if writes.wait(_LOOK):
                found = second_bot.caught_writing(started, folder, site.files.values())
                if found:
                    return found
    return []
