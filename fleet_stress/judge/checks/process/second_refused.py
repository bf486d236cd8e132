"""``second_refused``: a second instance, started by mistake, does no harm to the first (6.11).

It refuses: it ends by itself, not as if all were well, says why without a traceback, and has touched nothing. Only a
bot whose profile says that it refuses is asked: whether another should cannot be known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output, tracebacks
from fleet_stress.store.exit_words import exit_number, exit_words, is_death, split_exit
from fleet_stress.store.verdict import Finding

_NAMED = 5
_STILL = " while the first one was stopped"
_Fault = Mapping[str, Any]


class SecondRefused(Check):
    """A finding for each kind of harm that it did, at its first time."""

    title = "a second instance refuses and touches nothing"
    faults = ("second_instance",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        seconds = case.took_effect("second_instance")
        if not seconds:
            yield self.not_exercised("second", "no second instance was started beside a bot")
            return
        lost = next(filter(None, (_lost(case, fault) for fault in seconds)), None)
        along = [fault for fault in seconds if fault["proof"]["ended"] is None]
        refused = [fault for fault in seconds if fault["proof"]["ended"] is not None]
        if along:
            yield self._ran_along(case, along[0], lost, refused=bool(refused))
        found: dict[str, Finding] = {}
        for fault in refused:
            for finding in self._of_refusal(case, fault):
                found.setdefault(finding.subject, finding)
        yield from found.values()
        if lost and not along and "files" not in found:
            yield self.failed("lost", f"{lost}, though a second instance refused")

    def _ran_along(self, case: Case, fault: _Fault, lost: str | None, *, refused: bool) -> Finding:
        proof, streams = fault["proof"], _streams(fault)
        wrote = f" and wrote {_listed(proof['wrote'])}" if proof["wrote"] else ""
        wrote += f" and finished {proof['cycles']} cycles" if proof["cycles"] else ""
        still = _STILL if proof["held"] else ""
        reason = f"a second instance did not refuse: it ran for {proof['after']:.1f} s{still}{wrote}"
        if lost:
            return self.failed("ran along", f"{reason}; {lost}", evidence=streams)
        if refused:  # beside one that runs it refuses, so it does what it says
            why = "so what a refusal leaves untouched was not seen"
            return self.not_exercised("ran along", f"{reason}, {why}", evidence=streams)
        # One that has done nothing yet might still refuse, on a slow host.
        idle = not proof["wrote"] and not proof["cycles"]
        return self.failed("ran along", reason, evidence=streams, timed=idle)

    def _of_refusal(self, case: Case, fault: _Fault) -> Findings:
        proof, streams, promised = fault["proof"], _streams(fault), case.bot.get("second_instance") or {}
        code, codes = int(proof["ended"]), promised.get("exit_codes")
        ended = exit_words(split_exit(code))
        words = "; its last words: " + _last(case, streams) if _last(case, streams) else ""
        if code == 0:
            reason = "a second instance ended with exit code 0, which means success"
            yield self.failed("exit code", reason, evidence=streams)
        elif exit_number(split_exit(code)) not in codes if codes else is_death(split_exit(code)):
            expected = f", where exit code {' or '.join(map(str, codes))} was expected" if codes else ""
            yield self.failed(
                "exit code", f"a second instance ended with {ended}{expected}{words}", evidence=streams
            )
        for name in streams:
            for traceback in tracebacks.in_text(case.text(name)):
                reason = f"a second instance ended with a traceback: {traceback.exception}"
                yield self.failed("traceback", reason, evidence=(name,))
        yield from self._silent(case, fault, promised.get("says"))
        if proof.get("touched"):
            reason = (
                f"a second instance refused ({ended}) and had changed {_listed(proof['touched'])} by then"
            )
            yield self.failed("files", reason, evidence=streams)
        if proof.get("new_files"):
            reason = f"a second instance refused ({ended}) and left {_listed(proof['new_files'])} behind"
            yield self.failed("new files", reason, evidence=streams)
        if proof["left"]:
            named = "; ".join(process["cmdline"] or process["name"] for process in proof["left"][:_NAMED])
            reason = f"a second instance ended ({ended}) and left processes behind: {named}"
            yield self.failed("processes", reason, evidence=streams)

    def _silent(self, case: Case, fault: _Fault, says: str | None) -> Findings:
        """It has to say why: in the profile's words where it has some, else in any."""
        streams = _streams(fault)
        spoken = "\n".join(case.text(name) for name in streams)
        if says is None:
            if not spoken.strip() and not fault["proof"].get("logged", True):
                yield self.failed(
                    "says why", "a second instance refused and gave no reason", evidence=streams
                )
            return
        if not re.search(says, spoken) and not any(re.search(says, text) for _, text in output.texts(case)):
            reason = f"a second instance did not say why it ended: nothing that it printed or logged matches `{says}`"
            finding = self.failed if case.all_read() else self.not_exercised
            yield finding("says why", reason, evidence=streams)


def _lost(case: Case, fault: _Fault) -> str | None:
    """The first number of the first instance that went back after the second was started."""
    for role in case.roles:
        for name in role.never_back:
            looks = [
                look["fields"][name]
                for look in case.seen(role.key, fault["start"])
                if look["at"] >= fault["at"] and name in look["fields"]
            ]
            for earlier, later in zip(looks, looks[1:]):
                if later < earlier:
                    return f"{name} in {role.key} went back from {earlier:g} to {later:g}"
    return None


def _streams(fault: _Fault) -> tuple[str, ...]:
    return tuple(f"{fault['proof']['output']}.{stream}" for stream in ("out", "err"))


def _last(case: Case, streams: tuple[str, ...]) -> str:
    lines = [line.strip() for name in streams for line in case.text(name).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
