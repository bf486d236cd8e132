"""A story: what a bot did in an arena, in a few verbs, and written down as evidence (docs/evidence.md).

Its clock only moves by its verbs, so a case is about what happened and never about how fast this machine is.
"""

import getpass
import json
import os

import pytest

from fleet_stress.judge.case import Case, json_valid
from fleet_stress.judge.checks import CHECKS
from fleet_stress.observe import bot_files
from fleet_stress.observe.evidence import Evidence
from fleet_stress.store.conditions import of_profile
from fleet_stress.system.process import user_named

BOT = {
    "name": "story",
    "cycle": {"file": "health", "field": "cycles_completed"},
    "state": {
        "status": {
            "path": "bot_state.json",
            "required": True,
            "rewritten": "cycle",
            "never_back": ["cycles_total"],
        },
        "ledger": {
            "path": "ledger.json",
            "backup": "ledger.backup.json",
            "required": True,
            "rewritten": "cycle",
            "never_back": ["orders"],
        },
        "health": {"path": "health.json", "required": True, "rewritten": "cycle"},
        "notes": {"path": "notes.json", "rewritten": "exit"},
        "cache": {"path": "cache.json", "rewritten": "change"},
    },
    "logs": {
        "activity": {"path": "activity.json", "required": True, "rewritten": "cycle"},
        "errors": {"path": "errors.log", "format": "text", "required": True},
    },
    "exit_codes": {"finished": [0], "terminated": [0, 143], "interrupted": [130]},
    "stop_within": 10.0,
    "notices_within": 2.0,
    "temporary_files": ["*.part", "*.tmp"],
}
WALL = 1_700_000_000.0
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/x/bot/main.py", line 7, in run\n    go()\nKeyError: 3\n'
)


class Story:
    """One scenario's evidence, in the making."""

    def __init__(self, folder):
        self.folder = folder
        self.bot = json.loads(json.dumps(BOT))
        self.expect = []
        self.now = 0.0
        self.total, self.step = 0, 1
        self._files = {}
        self._inode = 100
        self._running = None
        self._cycles = 0
        self._learnt, self._counted, self._filed, self._baseline = {}, {}, {}, False
        self.evidence = {**Evidence(folder, "story", "9").document, "wall": WALL}

    def starts(self, **settings):
        """The bot is started; returns its entry."""
        self.now += 1.0
        self._cycles = 0
        number = len(self.evidence["starts"]) + 1
        self._running = {
            "n": number,
            "argv": ["python3", "main.py"],
            "settings": settings,
            "pid": 1000 + number,
            "at": self.now,
            "wall": WALL + self.now,
            "cycles": [],
            "signals": [],
            "exit": None,
            "stdout": f"start-{number:02d}.out",
            "stderr": f"start-{number:02d}.err",
            "left": [],
            "before": self._snapshot(f"snapshots/{number:02d}-before"),
            "after": None,
        }
        self.evidence["starts"].append(self._running)
        self.says()
        return self._running

    def cycle(self, *, without=(), handles=12, processes=1, lasts=1.0, seen=True):
        """The bot finishes a cycle, writing all its files but those ``without``; ``seen``: by whoever looks."""
        self.now += lasts
        self.total += self.step
        self._cycles += 1
        number = self._cycles
        if "state/ledger.json" in self._files:
            self.writes("state/ledger.backup.json", self._files["state/ledger.json"]["data"])
        written = {
            "state/bot_state.json": {"cycles_total": self.total},
            "state/ledger.json": {"orders": self.total},
            "state/health.json": {"cycles_completed": number},
            "log/activity.json": [number],
            "log/errors.log": f"cycle {number}\n",
        }
        for key, content in written.items():
            if key not in without:
                self.writes(key, content)
        if seen:
            told = {"n": number, "at": self.now, "wall": WALL + self.now}
            self._running["cycles"].append({**told, "handles": handles, "processes": processes})

    def cycles(self, count, **how):
        """So many cycles."""
        for _ in range(count):
            self.cycle(**how)

    def waits(self, seconds):
        """Time goes by."""
        self.now += seconds

    def counts(self, *, on_from=None, by=1):
        """The bot's numbers go on from another one, or rise by more in each cycle."""
        self.total, self.step = self.total if on_from is None else on_from, by

    def writes(self, key, content, *, mode="-rw-r--r--", kept=True, seen=True, times=1):
        """A file holds something from now on; ``kept``: small enough to copy, ``seen`` by the watch."""
        data = (
            content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else None
        )
        data = json.dumps(content).encode() if data is None else data * times
        self._inode += 1
        info = {"data": data, "mode": mode, "kept": kept, "inode": self._inode, "mtime": WALL + self.now}
        self._files[key] = info
        if self._running and seen and key.endswith(".json"):
            fields = {"state/bot_state.json": ("cycles_total",), "state/ledger.json": ("orders",)}
            self.evidence["observations"].append(
                {
                    "at": self.now,
                    "wall": WALL + self.now,
                    "start": self._running["n"],
                    "file": key,
                    "sha256": bot_files.digest(data),
                    "size": len(data),
                    "inode": self._inode,
                    "mtime": WALL + self.now,
                    "json": bot_files.json_verdict(data),
                    "fields": bot_files.fields(data, fields.get(key, ())),
                    "source": bot_files.word(data, "data_source"),
                    **self._invariants(key, data),
                }
            )

    def _invariants(self, key, data):
        """As the watch has it: what holds of a whole file that nobody was just writing."""
        role = next(
            (name for name, entry in self.bot["state"].items() if key == f"state/{entry['path']}"), ""
        )
        if not json_valid(data):
            return {}
        found = {
            name: condition.look({role: json.loads(data)})._asdict()
            for name, condition in of_profile(self.bot).items()
            if condition.roots == {role}
        }
        return {"invariants": found} if found else {}

    def removes(self, key):
        """A file is gone."""
        del self._files[key]

    def says(self, out="", err=""):
        """What the running start has printed."""
        (self.folder / self._running["stdout"]).write_text(out)
        (self.folder / self._running["stderr"]).write_text(err)

    def sends(self, name, **more):
        """A signal is sent to the bot; ``writing``: the files that it was just writing."""
        self.now += 0.5
        self._running["signals"].append(
            {"signal": name, "at": self.now, "after_cycles": len(self._running["cycles"]), **more}
        )

    def exits(self, code=0, *, signal=None, by=None, after=0.25, left=(), all_gone_after=None):
        """The bot ends, ``after`` seconds; the last of its processes ``all_gone_after`` the signal."""
        self.now += after
        signals = self._running["signals"]
        gone_at = self.now if all_gone_after is None else signals[-1]["at"] + all_gone_after
        self._running["exit"] = {
            "code": None if signal else code,
            "signal": signal,
            "at": self.now,
            "by": by or ("signal" if signals else "itself"),
            "after_signal": self.now - signals[-1]["at"] if signals else None,
            "all_gone_at": None if left else gone_at,
        }
        self._running["left"] = list(left)
        self._running["after"] = self._snapshot(f"snapshots/{self._running['n']:02d}-after")
        self._running = None

    def runs(self, cycles=2, **ending):
        """A whole start: so many cycles, then an exit."""
        self.starts()
        self.cycles(cycles)
        self.exits(**ending)

    def corrupts(self, role, content, *, bit=True, backup="keep", backup_fields=None):
        """The fault ``corrupt``: a file holds ``content`` (None: nothing that can be read) from now on."""
        self.now += 0.5
        key = f"state/{self.bot['state'][role]['path']}"
        before = self._files[key]["data"]
        data = None if content is None else content.encode()
        if data is None:
            self.removes(key)
        else:
            self.writes(key, data)
        seen = [
            None if content is None else {"sha256": bot_files.digest(content), "size": len(content)}
            for content in (before, data)
        ]
        proof = {"role": role, "file": key, "before": seen[0], "after": seen[1]}
        good = self._files.get(f"state/{self.bot['state'][role].get('backup')}")
        backup_before = good and {"sha256": bot_files.digest(good["data"]), "size": len(good["data"])}
        proof |= {"before_fields": {}, "backup_before": backup_before, "backup_fields": backup_fields or {}}
        fault = {"fault": "corrupt", "args": {"file": role, "backup": backup}, "at": self.now, "start": None}
        self.evidence["faults"].append({**fault, "applied": True, "bit": bit, "proof": proof})

    def learns(self, **worth):
        """What the baseline has found each cycle to add to a number, by ``KEY:NUMBER``."""
        self._learnt = worth

    def learns_lines(self, **counted):
        """By which number the baseline has found the lines of a file to be counted, as ``KEY:NUMBER``."""
        self._counted = counted

    def learns_records(self, **filed):
        """Of which files the baseline has found each cycle to add some, by the shape of their keys."""
        self._filed = filed

    def is_the_baseline(self):
        """It is the scenario that runs first, without a fault."""
        self._baseline = True

    def scenario(self, **more):
        """The scenario as the plan has it."""
        document = {"id": "story", "row": "9", "title": "A story", "skip": None, "baseline": self._baseline}
        return {**document, "expect": self.expect, **more}

    def case(self):
        """The evidence before the judge, having been JSON."""
        evidence = json.loads(json.dumps(self.evidence))
        return Case(
            evidence, self.folder, self.bot, self.scenario(), self._learnt, self._counted, self._filed
        )

    def store(self):
        """Write ``evidence.json``; returns its folder."""
        (self.folder / "evidence.json").write_text(json.dumps(self.evidence))
        return self.folder

    def findings(self, check, **arguments):
        """What a check has against the story."""
        return list(CHECKS[check].judge(self.case(), arguments))

    def _snapshot(self, name):
        seen = {}
        for key, file in self._files.items():
            seen[key] = {
                "size": len(file["data"]),
                "mtime": file["mtime"],
                "inode": file["inode"],
                "uid": 1000,
                "mode": file["mode"],
                "sha256": bot_files.digest(file["data"]) if file["mode"].startswith("-") else None,
                "kept": file["kept"] and file["mode"].startswith("-"),
                "tail": 0,
                "ours": key.rpartition("/")[2].startswith("fleet-stress-"),
            }
            if seen[key]["kept"]:
                copy = self.folder / name / key
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file["data"])
        self.evidence["snapshots"][name] = {"at": self.now, "wall": WALL + self.now, "files": seen}
        return name


@pytest.fixture
def story(tmp_path):
    """A scenario in which nothing has happened yet."""
    return Story(tmp_path)


@pytest.fixture
def traceback():
    """What Python prints when nobody catches a KeyError."""
    return TRACEBACK


@pytest.fixture
def user():
    """The account that bots run as here."""
    return user_named("nobody" if os.geteuid() == 0 else getpass.getuser())
