"""``second_refused``: a second instance, started by mistake, does no harm to the first (6.11).

It refuses: it ends by itself, not as if all were well, says why without a traceback, and has touched nothing. Where it
runs along each time, a bot that says of itself that it refuses has failed; any other has when a number went back that
may not, because one wrote over what the other had saved. That both trade on one account cannot be seen here: where
nothing was lost, nothing was proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.readings import output as said
from fleet_stress.store.exit_words import exit_words, split_exit
from fleet_stress.store.verdict import Finding

_NAMED = 5
_STILL = " while the first one stood still"
_Fault = Mapping[str, Any]


class SecondRefused(Check):
    """A finding for each way in which it did harm, at its first time."""

    title = "a second instance refuses and touches nothing"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        stood = [one for one in case.evidence["faults"] if one["fault"] == "second_instance" and one["bit"]]
        if not stood:
            yield self.not_exercised("second", "no second instance was started beside a bot")
            return
        lost = next((one for one in (_lost(case, fault) for fault in stood) if one), None)
        along = [one for one in stood if one["proof"]["ended"] is None]
        refused = [one for one in stood if one["proof"]["ended"] is not None]
        if along:
            yield self._ran_along(case, along[0], lost, refused=bool(refused))
        found: dict[str, Finding] = {}
        for one in refused:
            for finding in self._of_refusal(case, one):
                found.setdefault(finding.subject, finding)
        yield from found.values()
        if lost and not along and "files" not in found:
            yield self.failed("lost", f"{lost}, though a second instance only came and went")

    def _ran_along(self, case: Case, fault: _Fault, lost: str | None, *, refused: bool) -> Finding:
        proof, output = fault["proof"], _output(fault)
        wrote = f" and wrote {_listed(proof['wrote'])}" if proof["wrote"] else ""
        wrote += f" and finished {proof['cycles']} cycles" if proof["cycles"] else ""
        still = _STILL if proof["held"] else ""
        reason = f"a second instance did not refuse: it ran for {proof['after']:.1f} s{still}{wrote}"
        if lost:
            return self.failed("ran along", f"{reason}; {lost}", evidence=output)
        if refused:  # beside one that runs it refuses, so it does what it says
            why = "so what a refusal leaves alone could not be told"
            return self.not_exercised("ran along", f"{reason}, {why}", evidence=output)
        if case.bot.get("second_instance"):
            return self.failed("ran along", reason, evidence=output)
        why = (
            "nothing that the profile names was lost by it; that both trade cannot be seen here"
            " (a bot that refuses says so in its profile: second_instance)"
        )
        return self.not_exercised("ran along", f"{reason}; {why}", evidence=output)

    def _of_refusal(self, case: Case, fault: _Fault) -> Iterator[Finding]:
        proof, output, promised = fault["proof"], _output(fault), case.bot.get("second_instance") or {}
        code, codes = int(proof["ended"]), promised.get("exit_codes")
        ended = exit_words(split_exit(code))
        words = "; its last words: " + _last(case, output) if _last(case, output) else ""
        if code == 0:
            reason = "a second instance ended with exit code 0: whoever started it takes that for success"
            yield self.failed("exit code", reason, evidence=output)
        elif code < 0 or (codes and code not in codes):
            expected = f", where exit code {' or '.join(map(str, codes))} was expected" if codes else ""
            yield self.failed(
                "exit code", f"a second instance ended with {ended}{expected}{words}", evidence=output
            )
        for name in output:
            for one in said.tracebacks(case.text(name)):
                reason = f"a second instance ended with a traceback: {one}"
                yield self.failed("traceback", reason, evidence=(name,))
        yield from self._unsaid(case, fault, promised.get("says"))
        if proof.get("touched"):
            reason = (
                f"a second instance refused ({ended}) and had changed {_listed(proof['touched'])} by then"
            )
            yield self.failed("files", reason, evidence=output)
        if proof.get("new_files"):
            reason = f"a second instance refused ({ended}) and left {_listed(proof['new_files'])} behind"
            yield self.failed("new files", reason, evidence=output)
        if proof["left"]:
            named = "; ".join(one["cmdline"] or one["name"] for one in proof["left"][:_NAMED])
            reason = f"a second instance ended ({ended}) and left processes behind: {named}"
            yield self.failed("processes", reason, evidence=output)

    def _unsaid(self, case: Case, fault: _Fault, says: str | None) -> Iterator[Finding]:
        """It has to say why: in the profile's words, where it has some; else anything counts."""
        output = _output(fault)
        spoken = "\n".join(case.text(name) for name in output)
        if says is None:
            if not spoken.strip() and not fault["proof"].get("logged", True):
                yield self.failed("says why", "a second instance refused and said nothing", evidence=output)
            return
        if not re.search(says, spoken) and not any(re.search(says, text) for _, text in said.texts(case)):
            reason = f"a second instance did not say why it ended: nothing that it printed or logged is like `{says}`"
            yield self.failed("says why", reason, evidence=output)


def _lost(case: Case, fault: _Fault) -> str | None:
    """The first number that went back between two looks at the first one, from when the second was started on."""
    for role in case.roles:
        for name in role.never_back:
            looks = [
                one["fields"][name]
                for one in case.seen(role.key, fault["start"])
                if one["at"] >= fault["at"] and name in one["fields"]
            ]
            for earlier, later in zip(looks, looks[1:]):
                if later < earlier:
                    return f"{name} in {role.key} went back from {earlier:g} to {later:g}"
    return None


def _output(fault: _Fault) -> tuple[str, ...]:
    return tuple(f"{fault['proof']['output']}.{stream}" for stream in ("out", "err"))


def _last(case: Case, output: tuple[str, ...]) -> str:
    lines = [line.strip() for name in output for line in case.text(name).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
