"""What compiling the steps of one scenario has come to: what every verb reads, and where each leaves its mark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from fleet_controller.catalogue.bots import Bot
from fleet_controller.catalogue.located_yaml import At, Document
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.errors import Problems
from fleet_controller.planning.deadlines import Pace

Step = dict[str, Any]


class ScenarioSteps(ABC):
    """The steps of one scenario for one bot, so far; what is wrong goes to ``problems``."""

    def __init__(
        self,
        document: Document,
        bot: Bot,
        vocabulary: Vocabulary,
        problems: Problems,
        *,
        allow_commands: bool = False,
    ) -> None:
        self.document, self.vocabulary, self.problems = document, vocabulary, problems
        self.allow_commands = allow_commands
        #: The bot's profile.
        self.bot = bot.value
        self.pace = Pace(bot.value)
        #: Where the bot cannot do what was asked for but comes close; in the order found.
        self.notes: dict[str, None] = {}
        #: Expectations, which are judged at the end and so are no steps.
        self.expect: list[dict[str, Any]] = []
        #: Faults that stand at the step that is being compiled.
        self.active: set[str] = set()

    @abstractmethod
    def steps(self, steps: Sequence[Step], at: At = ("steps",)) -> list[Step]:
        """The steps as the plan has them; for steps within steps."""

    @property
    def is_driven_by_its_feed(self) -> bool:
        """Whether the bot has a cycle when something comes, and no pace of its own."""
        return bool(self.bot["cycle"]["driven_by"] == "feed")

    @property
    def stands_still(self) -> bool:
        """Whether the bot has no cycles now, because there is nothing that its exchange could send."""
        return self.is_driven_by_its_feed and not self.active.isdisjoint(self.vocabulary.outages)

    def refuse(self, at: At, what: str, why: str = "", do: str = "") -> None:
        """Note a problem at its place in the scenario's file."""
        self.problems.add(what, self.document.where(at), why, do)
