"""A run of many hosts on disk, with evidence of every kind, as the report stage finds it: nothing was run for it."""

import json
import math
from collections import Counter
from pathlib import Path

import yaml
from fleet_controller.results.causes import causes

ROOT = Path(__file__).parents[2]
ORDER = ("error", "failed", "not_exercised", "skipped", "passed")
TIME = "2026-11-24T14:12:00+00:00"
TRACEBACK = """starting
Traceback (most recent call last):
  File "main.py", line 34, in <module>
    main()
json.decoder.JSONDecodeError: Expecting value: line 1 column 13 (char 12)
"""


def catalogue():
    """Rows of the real catalogue, in the plan's order."""
    found = [
        yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) for path in (ROOT / "scenarios").glob("*.yml")
    ]
    rows = [{"scenario": item["id"], "row": str(item["row"]), "title": item["title"]} for item in found]
    return sorted(rows, key=lambda row: (row["scenario"] != "baseline", row["row"]))


def written(rows):
    """What the catalogue says of each row, as a run keeps it."""
    texts = {row["scenario"]: ROOT / "scenarios" / f"{row['scenario']}.yml" for row in rows}
    return {
        name: {"about": f"Why there is {name}.", "yaml": path.read_text("utf-8")}
        for name, path in texts.items()
        if path.is_file()
    }


class Fleet:
    """A run's folder; ``hosts`` hosts and all rows, or the given ones. Every tenth host has failures."""

    def __init__(self, folder, hosts=1, rows=None, verdict_of=None):
        self.folder, self.rows = folder, rows or catalogue()
        verdict_of = verdict_of or _verdict
        documents = {}
        for number in range(hosts):
            name = f"{('web', 'db', 'mac')[number % 3]}{number:02d}"
            entries = [self.entry(name, row, verdict_of(number, row["scenario"])) for row in self.rows]
            documents[name] = host(entries, "Darwin" if number % 3 == 2 else "Linux")
        self.results = results(documents, [item["scenario"] for item in self.rows])
        (folder / "compiled.json").write_text(json.dumps({"written": written(self.rows)}), "utf-8")

    def entry(self, name, row, verdict):
        """One cell, and its evidence on disk."""
        found = _entry(row, verdict)
        if row["scenario"] == "memory" and verdict != "skipped":
            found["measures"] = {"trends": [trend(grows=verdict == "failed")]}
        if verdict != "skipped":
            found["evidence"] = f"hosts/{name}/evidence/{row['scenario']}"
            store(self.folder / found["evidence"], evidence(row, failed=verdict == "failed"), TRACEBACK)
        found["repeat"] = f"ansible-playbook stress.yml -l {name} -e scenarios={row['scenario']}"
        return found

    def lose(self, name):
        """The host could not be reached: it brought nothing."""
        lost = self.results["hosts"][name]
        lost.update(
            verdict="unreachable", problem="ssh: connect to host: timed out", system=None, engine=None
        )
        for scenario in lost["scenarios"]:
            scenario.update(verdict="error", reasons=["not run: ssh: timed out"], findings=[], evidence=None)
        self.results = results(self.results["hosts"], self.results["scenarios"])
        return self


def results(hosts, scenarios):
    """The document around hosts, with honest counts."""
    counts = Counter(scenario["verdict"] for known in hosts.values() for scenario in known["scenarios"])
    return {
        "format": 1,
        "run_id": "20261124-141200-abcdef",
        "started": TIME,
        "finished": "2026-11-24T14:14:06+00:00",
        "seconds": 126.0,
        "versions": {"ansible": "2.19.4", "fleet_stress": "0.1.0", "python": "3.11.2"},
        "bot": "reference",
        "bot_source": {"kind": "git", "source": "https://x.org/b.git", "ref": "v1"},
        "profile": "smoke",
        "scenarios": scenarios,
        "counts": {word: counts[word] for word in ORDER},
        "verdict": min((word for word in ORDER if counts[word]), key=ORDER.index, default="error"),
        "causes": causes(hosts),
        "repeat": "ansible-playbook stress.yml -e scenarios=failed",
        "hosts": hosts,
    }


def host(entries, system="Linux"):
    """A host that came back."""
    machine = "arm64" if system == "Darwin" else "x86_64"
    return {
        "verdict": min((item["verdict"] for item in entries), key=ORDER.index, default="passed"),
        "problem": None,
        "system": {"system": system, "release": "6.1", "machine": machine, "python": "3.11.2"}
        | {"distribution": "macOS 14.5" if system == "Darwin" else "Debian GNU/Linux 12 (bookworm)"},
        "engine": "0.1.0",
        "started": TIME,
        "finished": TIME,
        "seconds": 120.5,
        "stopped": None,
        "leftovers": [],
        "verify": [],
        "scenarios": entries,
    }


def evidence(row, failed=False):
    """What an arena stores of two starts with a fault in between, and of samples where memory is looked at."""
    samples = [
        {
            "start": 1,
            "at": n / 2,
            "rss": 2**25 + 90_000 * n,
            "private": 2**24 + 90_000 * n,
            "anonymous": 2**24 + 90_000 * n + 40_000 * (n % 5),
            "handles": 6 + n % 3,
            "threads": 1,
            "cpu": n * 0.02 + math.sin(n) / 500,
            "cycles": n,
        }
        for n in range(600 if row["scenario"] == "memory" else 0)
    ]
    long = 300.0 if samples else 9.0
    return {
        "format": 1,
        "scenario": row["scenario"],
        "seconds": long,
        "starts": [
            _start(1, 0.1, long / 3, 0, signals=[{"signal": "TERM", "at": long / 3 - 0.5}]),
            _start(2, long / 2, long - 1, 1 if failed else 0),
        ],
        "faults": [
            {"fault": "corrupt", "at": 3.9, "stands_from": 4.0, "lifted_at": 4.0, "bit": True},
            {"fault": "fill", "at": 4.9, "stands_from": 5.0, "lifted_at": 7.0, "bit": True}
            | {"proof": {"full": True, "written_bytes": 5_000_000, "tried": {"log/bot.log": 6}}},
        ],
        "samples": samples,
        "processes": {"limit": 2 if samples else 512, "by": "pids.max"},
        "steps": [
            {"path": "1", "verb": "start", "at": 0.1, "seconds": 0.2, "outcome": "done", "detail": "start"},
            {
                "path": "2",
                "verb": "wait",
                "at": long / 2,
                "seconds": 2.0,
                "outcome": "bot_ended" if failed else "done",
                "detail": "wait for exit",
            },
        ],
        "ended": {"outcome": "done", "reason": ""},
        "error": None,
        "notes": [],
    }


def trend(*, grows=True, name="its memory_limit"):
    """What the judge told of the samples above."""
    begin, end = 2**24 + 90_000 * 120, 2**24 + 90_000 * 580
    return {
        "quantity": "anonymous",
        "outcome": "grows" if grows else "steady",
        "told": "10.8 MB a minute (9.7 to 11.9)",
        "warm_up_until": 60.0,
        "since": 60.0,
        "until": 290.0,
        "line": [begin, end],
        "low": [begin + 2e6, end - 2e6],
        "high": [begin - 2e6, end + 2e6],
        "limits": [{"name": name, "value": 80 * 2**20}, {"name": "the host's memory", "value": 2**32}],
    }


def store(folder, document, output):
    """An evidence folder: the document, and what two starts said."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evidence.json").write_text(json.dumps(document), "utf-8")
    for name in ("start-01.out", "start-01.err", "start-02.out"):
        (folder / name).write_text("started\n", "utf-8")
    (folder / "start-02.err").write_text(output, "utf-8")


def change(name, row, old, new):
    """One line of a comparison with an earlier run."""
    return {**{"host": name, "old": old, "new": new, "reason": "start 2 exited 1"}, **row}


def earlier(**groups):
    """A comparison with an earlier run."""
    nothing = {"new": [], "fixed": [], "still": [], "unknown": []}
    return {"run_id": "20261123-100000-123456", "finished": TIME, **nothing, **groups}


def _verdict(number, scenario):
    if number % 10 == 0 and scenario in ("corrupt_ledger", "empty_state", "memory"):
        return "failed"
    if number % 3 == 2 and scenario in ("network_drop", "network_cut"):
        return "skipped"
    return "not_exercised" if number % 10 == 0 and scenario == "proxy_drip" else "passed"


def _entry(row, verdict):
    reason = {
        "failed": "start 2 ended with exit code 1, where exit code 0 was expected",
        "skipped": "this host has no namespaces (to enable it: run on Linux)",
        "not_exercised": "the bot never met the fault",
        "error": "the arena could not be made",
    }.get(verdict)
    finding = {
        "check": "exit_code",
        "subject": "0",
        "reason": reason,
        "verdict": "failed",
        "evidence": ["start-02.err"],
    }
    return {
        **row,
        "verdict": verdict,
        "reasons": [reason] if reason else [],
        "notes": [],
        "findings": [finding] if verdict == "failed" else [],
        "known_from_baseline": [],
        "checks": [
            {"check": "state_valid", "arguments": {}, "state": "held", "seen": "state/ledger.json"},
            {"check": "exit_code", "arguments": {"is": "finished"}, "state": "held"}
            if verdict != "failed"
            else {"check": "exit_code", "arguments": {}, "state": "failed", "reason": reason},
        ],
        "seconds": 0.0 if verdict == "skipped" else 9.0,
        "evidence": None,
        "repeat": "",
        "measures": {},
    }


def _start(n, at, ended, code, signals=()):
    return {
        "n": n,
        "at": at,
        "cycles": [{"n": k, "at": at + k / 2, "wall": 0.0, "handles": 5} for k in range(1, 4)],
        "signals": list(signals),
        "exit": {"code": code, "signal": None, "at": ended, "by": "itself", "after_signal": None},
        "settings": {"max_cycles": 9999, "scan_interval": n / 2},
        "stdout": f"start-{n:02d}.out",
        "stderr": f"start-{n:02d}.err",
    }
