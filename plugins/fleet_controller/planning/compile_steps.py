"""A scenario's steps in the form that a host reads; what cannot work is refused before a host is touched.

Each verb is a method of its name: what the scenario says in, what the plan says out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.bots import Bot
from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At, Document
from fleet_controller.catalogue.schema import is_duration
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.errors import Problems, did_you_mean, listed
from fleet_controller.planning.deadlines import Impossible, Pace
from fleet_stress.faulty_fs.shipped import rules
from fleet_stress.store import sizes
from fleet_stress.store.contract import ARENA_WITHIN
from fleet_stress.store.setting_units import in_its_unit, to_a_second

#: Settings that the catalogue speaks of; a bot without one is a reason to skip, not a mistake.
STANDARD_SETTINGS = ("max_cycles", "scan_interval", "cycle_timeout")
#: Of these, what a bot may do without: it has a pace of its own, only warns, or gives up earlier.
OPTIONAL_SETTINGS = ("scan_interval", "cycle_timeout")
#: So long an aimed signal waits for its moment unless the scenario says otherwise, in seconds.
AIM_WITHIN = 60.0
#: A command of a scenario has so long unless it says otherwise, in seconds.
COMMAND_WITHIN = 60.0
#: A usual bot's cycle has so many points, an estimate.
_POINTS = 30
#: For visits and recordings where a scenario does not say.
_BUDGET = "10m"
#: Arguments of faults and checks that name a file of the bot by its role.
ROLE_ARGUMENTS = ("file", "except")

#: A person pulled the cable.
_BY_HAND = "unplugged"

#: Stands for every page of the bot's web application, of which a bot without one has none.
ALL_PAGES = "all"

Step = dict[str, Any]


def settings_lacking(steps: Sequence[Step], bot: Bot) -> list[str]:
    """Standard settings that some start asks for and the bot does not have."""
    lacking: dict[str, None] = {}
    for step in steps:
        if "start" in step:
            asked = [word for word in step["start"] if word in STANDARD_SETTINGS]
            known = [*bot.value["settings"], *OPTIONAL_SETTINGS]
            known += ["max_cycles"] if bot.value["ended_by"] else []
            lacking |= dict.fromkeys(word for word in asked if word not in known)
        elif "unless_logged" in step:
            lacking |= dict.fromkeys(settings_lacking(step["unless_logged"], bot))
        elif "repeat" in step:
            lacking |= dict.fromkeys(settings_lacking(step["repeat"]["steps"], bot))
        elif "visit" in step:
            within = [*step["visit"]["under"], *step["visit"]["then"]]
            lacking |= dict.fromkeys(settings_lacking(within, bot))
    return list(lacking)


class Compiler:
    """Compiles the steps of one scenario for one bot; what is wrong goes to ``problems``.

    ``expect`` are its expectations; ``notes`` say where the bot cannot do what was asked for but comes close.
    """

    def __init__(
        self,
        document: Document,
        bot: Bot,
        vocabulary: Vocabulary,
        problems: Problems,
        *,
        allow_commands: bool = False,
    ) -> None:
        self._allow_commands = allow_commands
        self.pace = Pace(bot.value)
        self.notes: dict[str, None] = {}
        self.expect: list[dict[str, Any]] = []
        self._active: set[str] = set()
        self._document, self._bot, self._vocabulary, self._problems = document, bot, vocabulary, problems
        self._roles = [*bot.value["state"], *bot.value["logs"]]

    def steps(self, steps: Sequence[Step], at: At = ("steps",)) -> list[Step]:
        """The steps as the plan has them. Expectations are set aside."""
        done = []
        for number, step in enumerate(steps):
            verb, arguments = next(iter(step.items()))
            here = (*at, number, verb)
            try:
                compiled = getattr(self, f"_{verb}")(arguments, here)
            except Impossible as problem:
                self._refuse(here, problem.what, problem.why, problem.do)
                continue
            if isinstance(compiled, list):
                done += compiled
            elif verb != "expect":
                done.append({"verb": verb, "args": compiled})
        return done

    def _start(self, arguments: Mapping[str, Any], at: At) -> Step:
        limit: dict[str, float | int | str] = {}
        if self._bot.value["ended_by"] and "max_cycles" in arguments:
            asked = arguments["max_cycles"]
            limit["max_cycles"] = "" if asked == "unlimited" else math.ceil(seconds(asked))
        settings = {
            word: item
            for word, value in arguments.items()
            if word not in limit and not self._is_done_without(word)
            for item in self._setting(word, value, (*at, word))
        }
        self.pace.start({**settings, **limit})
        return {"settings": settings}

    def _is_done_without(self, word: str) -> bool:
        missing = word in OPTIONAL_SETTINGS and word not in self._bot.value["settings"]
        if missing and not (word == "scan_interval" and self._is_driven_by_its_feed):
            self.notes[f"{word} is left out: the bot does not know it"] = None
        return missing

    def _setting(self, word: str, value: Any, at: At) -> Iterator[float | int | str]:
        known = self._bot.value["settings"]
        if word not in known:
            words = dict.fromkeys([*known, *STANDARD_SETTINGS])
            why = f"the bot profile {self._bot.value['name']} has: {listed(known)}"
            self._refuse(
                at, f"unknown setting `{word}`", why, did_you_mean(word, words, "add it to the profile")
            )
        elif value == "unlimited":
            return  # `int("")` fails: it is left out, or has the profile's own value for it
        else:
            asked, unit = seconds(value), to_a_second(known[word])
            able = max(asked, known[word].get("minimum", 0) / unit)
            if known[word]["type"] == "integer":
                able = math.ceil(in_its_unit(known[word], able)) / unit
            if able != asked:
                self.notes[f"{word} is {able:g} where {asked:g} was asked for: the bot takes no less"] = None
            yield int(able) if word == "max_cycles" else able

    def _wait(self, arguments: Any, _at: At) -> Step | list[Step]:
        if not isinstance(arguments, Mapping):
            then = seconds(arguments)
            self.pace.take(then, then)
            return {"until": None, "within": 0.0, "then": then}
        until, asked = arguments["until"], arguments.get("within")
        then, within = seconds(arguments.get("then", 0)), None if asked is None else seconds(asked)
        step: Step = {"until": until}
        if self._stands_still and (until in ("exit", "first_cycle") or "more_cycles" in until):
            return self._until_noticed(until, then)
        if until == "exit" and self._bot.value["ended_by"] and self.pace.limit:
            return self._end(self.pace.limit, within, then, may_end=bool(arguments.get("may_end")))
        if until == "exit":
            within = self.pace.exit(within)
        elif until == "first_cycle":
            within = self.pace.cycles(1, within)
        elif until in ("link_down", "link_up"):
            self._active ^= {_BY_HAND}
            within = self.pace.by_hand(within)
        elif until in ("live", "noticed", "live_again"):
            within = self.pace.told(within)
        else:
            word, count = next(iter(until.items()))
            step = {"until": word, "cycles": int(count)}
            if word == "met" and not self._active:
                raise Impossible(
                    "waits for the bot to meet a fault", "none stands here", "apply one that stands before"
                )
            waited = {"met": self.pace.met, "more_cycles": self.pace.more_cycles}.get(word, self.pace.cycles)
            if "at_most" in arguments:
                step["at_most"] = within = self.pace.cycles_or_time(
                    step["cycles"], seconds(arguments["at_most"])
                )
            else:
                within = waited(step["cycles"], within)
            if arguments.get("may_block"):
                step["may_block"] = True
        self.pace.take(then, then)
        return {**step, "within": within, "then": then}

    @property
    def _is_driven_by_its_feed(self) -> bool:
        return bool(self._bot.value["cycle"]["driven_by"] == "feed")

    @property
    def _stands_still(self) -> bool:
        """Whether the bot has no cycles now, because there is nothing that its exchange could send."""
        return self._is_driven_by_its_feed and not self._active.isdisjoint(self._vocabulary.outages)

    def _until_noticed(self, until: Any, then: float) -> list[Step]:
        """Where an outage stops the cycles: until the bot says so, or has finished some all the same.

        One that does neither has its deadline; whether it had to say so is for the judge.
        """
        cycles = int(until["more_cycles"]) if isinstance(until, Mapping) else self.pace.limit or 1
        ends = until == "exit"
        within = self.pace.told(None)
        self.pace.take(then, then)
        step = {"until": "noticed", "cycles": cycles, "within": within, "then": then}
        if not ends:
            return [{"verb": "wait", "args": step}]
        self.pace.signal(0.0)
        signal = (self._bot.value["ended_by"] or {"signal": "TERM"})["signal"]
        return [
            {"verb": "wait", "args": step},
            {"verb": "signal", "args": {"signal": signal, "aim": None, "within": 0.0}},
        ]

    def _end(self, cycles: int, within: float | None, then: float, *, may_end: bool) -> list[Step]:
        """The end of a bot that does not count its cycles itself: it is asked to, once it has finished them.

        ``may_end``: unless it has ended by itself before.
        """
        ended_by = self._bot.value["ended_by"]
        within = self.pace.cycles(cycles, within)
        self.pace.take(ended_by["after"], ended_by["after"])
        self.pace.signal(0.0)
        self.pace.take(then, then)
        waited = {"until": "cycles", "cycles": cycles}
        unless = {"may_end": True} if may_end else {}
        rest = [{"verb": "wait", "args": {"until": None, "within": 0.0, "then": then}}] if then else []
        return [
            {"verb": "wait", "args": {**waited, "within": within, "then": ended_by["after"], **unless}},
            {"verb": "signal", "args": {"signal": ended_by["signal"], "aim": None, "within": 0.0, **unless}},
            *rest,
        ]

    def _signal(self, arguments: Any, _at: At) -> Step:
        if isinstance(arguments, str):
            self.pace.signal(0.0)
            return {"signal": arguments, "aim": None, "within": 0.0}
        within = seconds(arguments.get("within", AIM_WITHIN))
        self.pace.signal(within)
        return {"signal": arguments["send"], "aim": arguments["aim"], "within": within}

    def _fault(self, arguments: Mapping[str, Any], at: At) -> Step:
        name, given = next(iter(arguments.items()))
        self.pace.fault()
        if name in self._active:
            why = "one of a kind stands at a time"
            raise Impossible(f"the fault `{name}` is applied while it stands", why, f"`lift: {name}` before")
        self.pace.slowed = self.pace.slowed or name in self._vocabulary.slowing
        self._active |= {name} if name in self._vocabulary.lasting else set()
        schema = self._vocabulary.faults[name]
        known = len(self._problems.found)
        done = self._arguments(self._with_room(given, schema), schema, (*at, name))
        impossible = self._vocabulary.impossible.get(name)
        cannot = impossible(done) if impossible and len(self._problems.found) == known else None
        if cannot:
            self._refuse(
                (*at, name), f"the fault `{name}` cannot be like this", cannot, "write it as one that can be"
            )
        return {"fault": name, "args": done}

    def _with_room(self, given: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sizes of what the bot has to live on (``at_least: room`` in the schema), raised to what it needs.

        Else the scenario's size would be the fault.
        """
        raised = {}
        for name, words in schema.get("properties", {}).items():
            size = given.get(name)
            if words.get("at_least") != "room" or not isinstance(size, str) or not re.match(sizes.SOME, size):
                continue
            room, folders = self._bot.value["room"], ("state", "log")
            needed = sum(
                sizes.in_bytes(room[folder]) for folder in folders if given.get("folder") in (folder, "both")
            )
            if needed > sizes.in_bytes(size):
                raised[name] = f"{-(-needed // 2**20)}MB"
                self.notes[f"a volume has {raised[name]} where {size} were asked for: the bot needs them"] = (
                    None
                )
        return {**given, **raised}

    def _lift(self, name: str, _at: At) -> Step:
        if name not in self._active:
            do = did_you_mean(name, self._active, "apply it before")
            raise Impossible(f"the fault `{name}` does not stand here", "only what stands can be lifted", do)
        self._active.remove(name)
        self.pace.fault()
        return {"fault": name}

    def _sample(self, arguments: Mapping[str, Any], _at: At) -> Step:
        every = seconds(arguments["every"])
        if every <= 0:
            raise Impossible("samples without a pause", "a sample costs the bot's host time", "say every: 1s")
        return {"every": every, **({"resumes": True} if arguments.get("resumes") else {})}

    def _look(self, what: str, _at: At) -> Step:
        return {"what": what}

    def _probe(self, page: str, at: At) -> Step | list[Step]:
        pages = (self._bot.value["web"] or {}).get("pages", {})
        if page == ALL_PAGES:
            return [{"verb": "probe", "args": self._one_page(path, name)} for name, path in pages.items()]
        if page not in pages:
            why = f"the bot profile {self._bot.value['name']} names: {listed(pages)}"
            do = did_you_mean(page, pages, f"say `needs: {{pages: [{page}]}}` to skip bots without it")
            self._refuse(at, f"unknown page `{page}`", why, do)
            return {}
        return self._one_page(pages[page], page)

    def _one_page(self, path: str, page: str) -> Step:
        return {"page": page, "path": path, "within": self.pace.probe()}

    def _command(self, arguments: Mapping[str, Any], at: At) -> Step:
        if not self._allow_commands:
            why = "scenarios run no commands on hosts unless you allow it"
            do = "-e allow_commands=true if you trust its author, or leave the scenario out"
            self._refuse(at, "runs a command", why, do)
        within = seconds(arguments.get("within", COMMAND_WITHIN))
        if within <= 0:
            raise Impossible("a command that has no time", "it is ended at its deadline", "say within: 30s")
        self.pace.command(within)
        argv = [str(word) for word in arguments["argv"]]
        return {"argv": argv, "within": within, "exit_code": int(arguments.get("exit_code", 0))}

    def _repeat(self, arguments: Mapping[str, Any], at: At) -> Step:
        times, inner = int(arguments["times"]), (*at, "steps")
        steps = self.steps(arguments["steps"], inner)
        if times > 1:
            # A second time, because the first may leave the bot running.
            estimate, within = self.pace.estimate, self.pace.within
            self.steps(arguments["steps"], inner)
            more = times - 2
            each, each_within = self.pace.estimate - estimate, self.pace.within - within
            self.pace.take(each * more, each_within * (max(times, self._up_to(arguments)) - 2))
        up_to = self._up_to(arguments)
        return {"times": times, **({"up_to": up_to} if up_to > times else {}), "steps": steps}

    def _unless_logged(self, arguments: Sequence[Step], at: At) -> Step | list[Step]:
        """Its exchange goes away: a bot that logs nothing in peace logs that. One without an exchange cannot."""
        if not self._bot.value["exchange"]:
            return []
        return {"steps": self.steps(arguments, at)}

    def _up_to(self, arguments: Mapping[str, Any]) -> int:
        """So many rounds at most that a bot which keeps more files than it says has to show it."""
        if "up_to" not in arguments:
            return 0
        kept = [
            int(log["backups"])
            for log in self._bot.value["logs"].values()
            if "per_start" in log and "backups" in log
        ]
        return max([int(arguments["up_to"]), *(backups + 2 for backups in kept)])

    def _visit(self, arguments: Mapping[str, Any], at: At) -> Step:
        self.pace.ended("visits points")
        estimate, within = self.pace.estimate, self.pace.within
        parts = {}
        for name in ("under", "then"):
            self.pace.fault()
            parts[name] = self.steps(arguments[name], (*at, name))
            self.pace.ended(f"leaves the bot running at the end of `{name}`")
        each, usual = self.pace.within - within, self.pace.estimate - estimate
        at_once, most = int(arguments.get("at_once", 4)), arguments.get("most")
        budget = seconds(arguments.get("budget", _BUDGET))
        # The two recordings run side by side, and the last visits begin just before the budget is spent.
        usual *= 1 + min(_POINTS, _POINTS if most is None else int(most)) / at_once
        self.pace.take(min(budget, usual), budget + 2 * (each + ARENA_WITHIN))
        outer, self.expect = self.expect, []
        self._expect(arguments["expect"], (*at, "expect"))
        own, self.expect = self.expect, outer
        return {
            "folder": arguments.get("folder", "both"),
            "answers": [
                self._answer(answer, (*at, "answers", number))
                for number, answer in enumerate(arguments["answers"])
            ],
            **parts,
            "expect": own,
            "at_once": at_once,
            "budget": budget,
            "every_class": bool(arguments.get("every_class", False)),
            "most": None if most is None else int(most),
            "each_within": each,
        }

    def _answer(self, given: Mapping[str, Any], at: At) -> Step:
        """A rule of the faulty file system without its operation, which a recording finds."""
        done: Step = _in_seconds(given, rules.ANSWER)
        wrong = rules.impossible([{"on": ["any"], "at": 1, **done}])
        if wrong:
            self._refuse(at, "an answer that cannot be", wrong, "write it as one that can be")
        return done

    def _expect(self, expectations: Sequence[Any], at: At) -> None:
        if at.count("repeat"):
            raise Impossible(
                "expectations cannot be repeated", "they are judged once, at the end", "move them there"
            )
        for number, expected in enumerate(expectations):
            name, given = (expected, {}) if isinstance(expected, str) else next(iter(expected.items()))
            words, here = self._vocabulary.checks[name], (*at, number, name)
            if words.short and not isinstance(given, Mapping):
                given = {words.short: given}
            self.expect.append({"check": name, "args": self._arguments(given, words.arguments, here)})

    def _arguments(self, given: Mapping[str, Any], schema: Mapping[str, Any], at: At) -> Step:
        """Arguments of a fault or check: durations in seconds, roles that the bot has."""
        done: Step = _in_seconds(given, schema)
        for name, value in given.items():
            if name in ROLE_ARGUMENTS:
                for role in [value] if isinstance(value, str) else value:
                    self._check_role(role, (*at, name))
        # A bare `- exit_code` has no arguments at all, which only the check's own schema refuses.
        self._problems.found.extend(complaints(self._document, done, schema, at))
        return done

    def _check_role(self, role: str, at: At) -> None:
        if role not in self._roles:
            why = f"the bot profile {self._bot.value['name']} names: {listed(self._roles)}"
            do = did_you_mean(role, self._roles, f"say `needs: {{state: [{role}]}}` to skip bots without it")
            self._refuse(at, f"unknown file `{role}`", why, do)

    def _refuse(self, at: At, what: str, why: str = "", do: str = "") -> None:
        self._problems.add(what, self._document.where(at), why, do)


def _in_seconds(value: Any, schema: Any) -> Any:
    """A value with each duration in it in seconds, as its schema says which are."""
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        return {name: _in_seconds(item, known.get(name, {})) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_seconds(item, schema.get("items", {})) for item in value]
    return seconds(value) if is_duration(schema) else value
