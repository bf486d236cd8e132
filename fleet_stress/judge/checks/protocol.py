"""What a check is: evidence in, findings out. A check never looks at the host, so it can be run again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from fleet_stress.judge.case import Case
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, SKIPPED, Finding

#: What a scenario says to a check, by the names of the check's ``arguments``.
Arguments = Mapping[str, Any]
Findings = Iterator[Finding]


class Check(ABC):
    """One check. Its name, as scenarios write it, is that of its module."""

    #: What holds where it finds nothing.
    title: ClassVar[str]
    #: What a scenario may say to it: a JSON Schema for each argument.
    arguments: ClassVar[Mapping[str, Any]] = {}
    #: Arguments that a scenario has to give.
    required: ClassVar[tuple[str, ...]] = ()
    #: The argument that a bare value stands for: ``exit_code: finished``.
    short: ClassVar[str | None] = None
    #: Another check: what that one found in the baseline about a subject excuses this one's finding about it.
    excused_by: ClassVar[str | None] = None
    #: What its failures rest on; where that does not hold, the judge takes them back (``judge/grounds.py``).
    #: One of these faults took effect, and was active when what a finding reports was seen (``at``).
    faults: ClassVar[tuple[str, ...]] = ()
    #: Most of its findings say that something took too long, or did not happen in time: not on a slow host.
    timed: ClassVar[bool] = False
    #: And that time is the one since a signal.
    from_signal: ClassVar[bool] = False
    #: Cycles were counted: not where the fault took away what tells them.
    counts: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What scenarios and findings call it."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of all arguments together."""
        required = {"required": list(self.required)} if self.required else {}
        return {
            "type": "object",
            "additionalProperties": False,
            **required,
            "properties": self.arguments,
        }

    @abstractmethod
    def judge(self, case: Case, arguments: Arguments) -> Findings:
        """What is wrong, was not proved, or is left out by the profile; nothing where all is well."""

    def seen(self, case: Case, arguments: Arguments) -> str | None:  # noqa: ARG002  # for those that tell
        """What was seen where it found nothing, in a few words with the figures; None: there is nothing to add."""
        return None

    def unasked(self, case: Case, arguments: Arguments) -> str | None:  # noqa: ARG002  # for those that say
        """Why finding nothing says nothing, whatever the bot does: its profile names nothing to look at; None: it does.

        For checks that are silent then, because they are no reason to skip a row.
        """
        return None

    def failed(
        self,
        subject: str,
        reason: str,
        *,
        evidence: tuple[str, ...] = (),
        start: int | None = None,
        at: float | None = None,
        timed: bool | None = None,
    ) -> Finding:
        """The bot did wrong; ``start``: in which start, ``at``: when it was seen, where it is about one.

        ``timed``: otherwise than most findings of this check.
        """
        timed = self.timed if timed is None else timed
        return Finding(self.name, subject, reason, FAILED, evidence, start, at, timed)

    def skipped(self, subject: str, reason: str) -> Finding:
        """The profile leaves out what this looks at; ``reason`` says which key would name it."""
        return Finding(self.name, subject, reason, SKIPPED)

    def not_exercised(self, subject: str, reason: str, *, evidence: tuple[str, ...] = ()) -> Finding:
        """Nothing was proved, and why."""
        return Finding(self.name, subject, reason, NOT_EXERCISED, evidence)
