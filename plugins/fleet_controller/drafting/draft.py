"""The profile that a watched start leads to: each key with what was seen; what could not be seen is left to fill in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.drafting import file_kinds
from fleet_controller.drafting.commented_yaml import Entry
from fleet_controller.drafting.draft_ends import ends
from fleet_controller.drafting.draft_files import entry_of, log_entries, roles_of
from fleet_controller.drafting.guesses import NO_LINE, NOTHING, Guess
from fleet_controller.drafting.seen import Seen
from fleet_controller.drafting.texts_in_source import hosts
from fleet_controller.drafting.watched import Watched

#: A bot whose cycles come as often as it was asked to has the setting; by so much they may be longer.
_SLOWER = 1.6
#: What a text is that says where data come from.
_SOURCE = re.compile(r"live|real|mock|paper|simulated?|synthetic|fallback|cached?|stale", re.IGNORECASE)


class Draft:
    """``entries`` are the keys of the profile in their order; ``open_points`` what is left to fill in."""

    def __init__(self, guess: Guess, watched: Watched, seen: Seen) -> None:
        self._guess, self._watched, self._seen = guess, watched, seen
        self._state = roles_of(seen.files)
        self._logs = roles_of(seen.logs, list(self._state))
        self.entries: list[Entry] = []
        self.open_points: list[str] = []
        self._build()

    @property
    def value(self) -> dict[str, Any]:
        """The profile without its comments."""
        return {entry.key: entry.value for entry in self.entries if entry.key}

    @property
    def counts_cycles(self) -> bool:
        """Whether a run with it proves anything."""
        return bool(self.value["cycle"].get("line") != NO_LINE)

    def _build(self) -> None:
        guessed = self._guess.profile
        for key in ("name", "title", "source", "requirements", "argv", "working_folder"):
            if key in guessed:
                self._add(key, guessed[key])
        self._environment()
        alone = (self._watched.document.get("network") or {}).get("kind") == "own"
        self._add(
            "network",
            "own",
            "Nothing outside its arena is reached from there."
            if alone
            else "CHECK: its arena had no network of its own here, so the bot could reach outside while watched.",
        )
        self._hosts()
        self._settings()
        self._cycle()
        self._files()
        was_up = self._seen.counter is not None or self._seen.line is not None
        for entry in ends(self._watched, was_up=was_up, counts_itself=self._counted_to_the_end):
            self.entries.append(entry)
            self.open_points += [comment[9:] for comment in entry.comments if comment.startswith("FILL IN: ")]
        self._claims()
        if self._seen.cpu_share:
            self._add("cpu_share", self._seen.cpu_share, "Measured, with some room.")
        if self._seen.memory_mb:
            self._add("memory_mb", self._seen.memory_mb)

    def _add(self, key: str, value: Any, *comments: str) -> None:
        self.entries.append(Entry(key, value, list(comments)))

    def _fill_in(self, sentence: str, *example: str) -> None:
        """What to fill in, as a comment."""
        self.open_points.append(sentence)
        self.entries.append(Entry("", None, [f"FILL IN: {sentence}", *example]))

    def _environment(self) -> None:
        environment = self._guess.profile["environment"]
        for word in self._guess.placeholders:
            self._fill_in(
                f"`{word.name}` has a placeholder, so that the bot starts; name a companion that stands for what it"
                " leads to (docs/write-a-bot-profile.md), or another value without a secret."
            )
        for word in self._guess.unset:
            self._fill_in(f"`{word.name}` is not set here, and its source has no default for it.")
        if environment:
            self._add("environment", environment)

    def _hosts(self) -> None:
        if "companions" in self._guess.profile:
            for key in ("companions", "exchange", "hosts"):
                self._add(key, self._guess.profile[key])
            return
        said = {stream: text for stream in ("stdout", "stderr") for _, text in self._watched.printed(stream)}
        names = list(dict.fromkeys([*hosts(said), *self._guess.hosts]))
        missed = self._seen.looked_elsewhere
        if not names and not missed and not self._guess.placeholders:
            return
        found = f" It looked {missed} times for something outside its arena, in vain." if missed else ""
        self._fill_in(
            "the hosts that it connects to, and a companion that stands for them: else rows 4, 6.6 to 6.8 are skipped."
            " A stub of its exchange, in the bot's folder or here, fills all of this in: fleet-stress init … --force"
            f" --exchange 'python stub.py --host ${{listen}} --port-file ${{ready}}'.{found}",
            f"hosts: [{', '.join(names) or 'exchange.example.test'}]"
            + ("  # in its source or its output" if names else ""),
        )

    def _settings(self) -> None:
        guessed, seen = self._guess.profile["settings"], self._seen
        asked = self._watched.asked_interval
        settings = {}
        if seen.pace is not None and seen.pace <= asked * _SLOWER and seen.pace >= asked * 0.6:
            how = guessed["scan_interval"]
            least = 1 if how.get("type") == "integer" else 0.1
            settings["scan_interval"] = {**how, "minimum": 100 if how.get("unit") == "ms" else least}
        if self._counted_to_the_end:
            settings["max_cycles"] = guessed["max_cycles"]
        if settings:
            self._add("settings", settings, *self._why_settings(settings))
        if "scan_interval" not in settings:
            pace = f"one came every {seen.pace:g} s" if seen.pace else "fewer than two were seen"
            self._fill_in(
                f"the setting `scan_interval`, how the bot is told the time between two cycles: asked for {asked:g} s,"
                f" {pace}.",
                "settings: {scan_interval: {variable: NAME, minimum: 0.1}}  # or {arguments: [--every, '${value}']}",
            )
            self._add(
                "cycle_seconds",
                math.ceil(10 * (seen.pace or 60.0)) / 10,
                "Its own pace, as far as it was seen.",
            )
        if "max_cycles" not in settings:
            self._fill_in(
                "the setting `max_cycles`, how the bot is told to end after so many cycles. Until then SIGTERM ends it:"
            )
            self._add("ended_by", {"signal": "TERM"})

    def _why_settings(self, settings: Mapping[str, Any]) -> Iterator[str]:
        if "scan_interval" in settings:
            yield f"Asked for a cycle every {self._watched.asked_interval:g} s, one came every {self._seen.pace:g} s."
        if "max_cycles" in settings:
            yield f"Asked for {self._seen.asked} cycles, it ended by itself after them."

    @property
    def _counted_to_the_end(self) -> bool:
        counter, line = self._seen.counter, self._seen.line
        return bool((counter and counter.proved) or (line and line.proved))

    def _cycle(self) -> None:
        counter, line = self._seen.counter, self._seen.line
        if counter is not None:
            role = next(role for role, file in self._state.items() if file.key == counter.series.key)
            cycle = {"file": role, "field": counter.series.name}
            if counter.in_total:
                cycle["counts"] = "in_total"
            told = (
                "It rose by as many as cycles were asked for."
                if counter.proved
                else "It rises while the bot runs."
            )
            last = max((self._state[role].written_at, role) for role in self._state)[1]
            more = (
                [
                    f"CHECK: the cycle's file must be written last in each cycle; `{last}` was written after it."
                ]
                if last != role and self._state[last].rewritten == "cycle"
                else []
            )
            if not counter.proved:
                more.append("CHECK: does it rise by one in each cycle?")
            self._add("cycle", cycle, told, *more)
        elif line is not None:
            counted = (
                f"{line.by_start.get(3)} such lines came for {self._seen.asked} cycles."
                if line.proved
                else ("CHECK: does this line come once in each cycle?")
            )
            self._add("cycle", {"file": line.stream, "line": line.pattern}, counted)
        else:
            self._fill_in(
                "how a finished cycle is seen: a number in a state file that rises by one, or a line of its output."
                " Nothing like that was found, so no row can be judged yet. If its cycles take more than a second,"
                " --slow watches it for minutes.",
                "cycle: {file: ROLE, field: NAME}  # or {file: stdout, line: 'cycle finished'}",
            )
            self._add("cycle", {"file": "stdout", "line": NO_LINE}, "A placeholder that matches no line.")

    def _files(self) -> None:
        if self._state:
            self._add("state", {role: entry_of(file) for role, file in self._state.items()})
        else:
            self._fill_in("its state files: it wrote none into its state folder.")
            self._add("state", self._guess.profile["state"])
        for names, count in self._seen.numbered.items():
            self._fill_in(
                f"it writes one file after another ({names}, {count} seen), and a profile names only files that are"
                " there from the beginning: a number in one of those that counts them shows whether any is lost."
            )
        logs = dict(log_entries(self._logs, self._guess.rotated_log))
        rotates = any("max_bytes" in log for log in logs.values())
        if logs:
            more = (
                "its source says how it is rotated."
                if rotates
                else "add max_bytes and backups if the bot rotates it."
            )
            self._add("logs", logs, f"CHECK: {more}")
        elif self._guess.rotated_log:
            self._fill_in(
                "its log, which it did not write while it was watched; rows 1.6C and D need it.",
                self._rotated,
            )
        stamped = next(((role, file) for role, file in self._state.items() if file.timestamp), None)
        if stamped:
            self._add("timestamp", {"file": stamped[0], "field": stamped[1].timestamp})
        elsewhere = [
            path for path in self._seen.outside if not any(file.key == path for file in self._seen.files)
        ]
        if elsewhere:
            self._fill_in(
                f"it also wrote {', '.join(elsewhere[:5])}: name state there, allow it by `writes:`, or tell the bot"
                " another folder."
            )

    @property
    def _rotated(self) -> str:
        """An example, by what its source says of its log."""
        path, max_bytes, backups = self._guess.rotated_log or ("bot.log", 0, 0)
        rest = f"max_bytes: {max_bytes}, backups: {backups}"
        return f"logs: {{log: {{path: {path}, format: text, required: false, {rest}}}}}  # in its source"

    @property
    def doubts(self) -> list[str]:
        """What was concluded and not proved, for a person to check: with the key that it is about."""
        return [
            f"{entry.key}: {doubt}" if entry.key else doubt
            for entry in self.entries
            for comment in entry.comments
            for _, mark, doubt in [comment.partition("CHECK: ")]
            if mark
        ]

    def _claims(self) -> None:
        """What only the bot's author knows."""
        texts = [(role, *item) for role, file in self._state.items() for item in file.texts.items()]
        said = [f"{role}.{name} = {file_kinds.shown(value)}" for role, name, value in texts]
        role, field = next(
            ((role, name) for role, name, value in texts if _SOURCE.fullmatch(value)), ("ROLE", "NAME")
        )
        alone = "companions" not in self._guess.profile and not self._guess.placeholders
        if not alone or self._guess.hosts or self._seen.looked_elsewhere:
            known = f" Texts in its state: {'; '.join(said[:4])}." if said else ""
            self._fill_in(
                f"where it says whether its data are live.{known}",
                f"data_source: {{file: {role}, field: {field}, live: live, mock: mock}}  # none: it has no mock data",
            )
        else:
            self._add("data_source", "none", "CHECK: it seems to connect to nothing.")
        self._fill_in(
            "what it says when a write fails, a regular expression: nothing else shows that it met a full disk, so"
            " without it rows 1.4 and 1.6B are skipped.",
            f"messages: {{write_failed: '{'|'.join(self._guess.write_failures) or 'cannot write.*No space left'}'}}"
            + ("  # in its source" if self._guess.write_failures else ""),
        )
        self._fill_in(
            "what it does when it is started a second time: without this, rows 6.11 and 1.5D are skipped.",
            "second_instance: {exit_codes: [1], says: already running}",
        )
        if self._seen.taken:
            self.entries.append(Entry("", None, [f"SEEN: it takes {', '.join(self._seen.taken[:4])}."]))


def refined(guess: Guess, draft: Draft) -> dict[str, Any]:
    """What to watch once more: the draft's files under the guesses for everything else."""
    value = {**guess.profile, "state": draft.value["state"]}
    return value if set(value["state"]) != {NOTHING} else guess.profile
