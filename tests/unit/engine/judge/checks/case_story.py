"""The verbs of a check's cases (README.md here): a ``Story``, and what faults, probes and samples leave behind."""

import gzip
import string

from fleet_stress.observe import bot_files
from fleet_stress.store import sizes
from tests.unit.engine.conftest import TRACEBACK, WALL, Story

MB = 1_000_000
BOARD = '[{"strategy": "cheapest", "volatility": 0.2}]'
LINE = "fleet-stress line 00000009 "
GROWN = f"INFO fleet-stress line 00000008 ...\nINFO {LINE}...\n"
NEVER_BACK = {"status": ("cycles_total",), "ledger": ("orders",), "health": (), "notes": (), "cache": ()}


class CaseStory(Story):
    """A story whose steps are data."""

    def play(self, steps, words):
        """Carry out steps; ``$word`` in them stands for a value, or for more steps."""
        for step in filled(steps, {"traceback": TRACEBACK, **words}):
            if isinstance(step, list):
                self.play(step, words)
                continue
            [(verb, how)] = step.items() if isinstance(step, dict) else [(step, {})]
            act = getattr(self, verb)
            if isinstance(how, dict):
                act(**how)
            else:
                act(*(how if isinstance(how, list) else [how]))
        self.evidence["seconds"] = self.now

    def repeat(self, times, steps):
        """The same steps several times; ``$number`` counts them from 1."""
        for number in range(1, times + 1):
            self.play(steps, {"number": str(number)})

    def profile(self, **patch):
        """The bot's profile differs: keys are merged into it, null takes one away (RFC 7396)."""
        merge(self.bot, patch)

    def fault(self, name, *, bit=True, momentary=False, proof=None, args=None):
        """A fault is active from now on, or just for a moment."""
        self.now += 0.1
        self.evidence["faults"].append(
            {
                "fault": name,
                "args": dict(args or {}),
                "at": self.now,
                "start": self._running and self._running["n"],
                "applied": True,
                "lifted_at": self.now if momentary else None,
                "bit": bit,
                "proof": dict(proof or {}),
            }
        )
        return self.evidence["faults"][-1]

    def stands(self):
        """The fault is applied only now: that took until here."""
        self.now += 0.1
        self._active()[-1]["stands_from"] = self.now

    def notices(self, *, after=1.0, by="data_source"):
        """The bot notices the active fault, or has not by then (``by: null``)."""
        self.now += after
        noticed = {"at": self.now if by else None, "by": by, "waited": after}
        for fault in self._active():
            fault["noticed"] = noticed

    def seen_late(self, seconds):
        """What was seen last, was seen so late."""
        self.now += seconds
        self.evidence["observations"][-1] |= {"at": self.now, "wall": WALL + self.now}

    def reverts(self):
        """All faults end."""
        self.now += 0.1
        for fault in self._active():
            fault["lifted_at"] = self.now

    def disk_full(self, *, bit=True, enospc=True):
        """The disk of the state folder is full from now on."""
        proof = {"folder": "state", "full": enospc, "enospc": enospc, "tried": {}}
        self.fault("fill", bit=bit, proof={**proof, "tracked_before": self._tracked()})

    def disk_free(self, *, tried=4, cut_off=(), unread=()):
        """And is not any more; ``tried``: how often the bot tried to write meanwhile; ``cut_off``: its logs.

        ``unread``: files that could not be read just then.
        """
        [fault] = self._active()
        self.reverts()
        fault["proof"] |= {
            "tracked_last": self._tracked(),
            "tried": {"state/ledger.json.tmp": tried} if tried else {},
            "cut_off": list(cut_off),
        }
        for key in unread:
            fault["proof"]["tracked_last"][key] |= {"json": None, "fields": {}}

    def grown_log(self):
        """Before the start, lines of ours fill the error log up to 20 bytes under its limit; it keeps two old files."""
        limit = len(GROWN) + 20
        self.profile(logs={"errors": {"max_bytes": limit, "backups": 2}})
        self.writes("log/errors.log", GROWN)
        log = {"role": "errors", "key": "log/errors.log", "limit": limit, "before": 0, "last_line": LINE}
        log |= {"size": len(GROWN), "inode": self._files["log/errors.log"]["inode"]}
        self.fault("grown_log", momentary=True, proof={"logs": [log]})

    def grows(self, by, *, lines=1):
        """The bot writes lines of so many bytes each into the log that has grown."""
        self.writes("log/errors.log", GROWN + ("x" * (by - 1) + "\n") * lines)

    def rotates(self, number=1, *, lines=2, to=None, packed=None):
        """The bot rotates its log away, with so many of our two lines, and begins a new one."""
        content = "".join(GROWN.splitlines(keepends=True)[:lines]).encode()
        content = {"gz": gzip.compress, "zst": lambda _: b"unknown here"}.get(packed, bytes)(content)
        key = f"log/{to or f'errors.log.{number}'}"
        self._files[key] = {**self._files["log/errors.log"], "data": content}
        self.writes("log/errors.log", "started\n")

    def second_instance(self, *, says="another bot runs\n", err="", bit=True, held=False, **seen):
        """A second instance is started beside the bot, and refuses unless told otherwise."""
        output = f"second-{len(self.evidence['faults']) + 1:02d}"
        (self.folder / f"{output}.out").write_text(says)
        (self.folder / f"{output}.err").write_text(err)
        proof = {"output": output, "ended": 3, "after": 0.1, "wrote": [], "cycles": 0, "left": []}
        proof |= {"touched": [], "new_files": [], "logged": False} if held else {}
        self.fault("second_instance", bit=bit, momentary=True, proof={**proof, "held": held, **seen})

    def rival(self, *, bit=True, err="", **ended):
        """A second bot has run on the same folder, and was asked to stop."""
        (self.folder / "rival.err").write_text(err)
        ended = {"code": 0, "by": "signal", "after": 0.1, **ended}
        self.fault("rival", bit=bit, momentary=True, proof={"after_lifting": {"exit": ended}})

    def reader(self, file="state/ledger.json", *, bit=True, **found):
        """A reader has polled a file as often as it could."""
        figures = {"reads": 900, "changes": 12, "torn": 0, "gone": 0, "kept": [], **found}
        self.fault("reader", bit=bit, momentary=True, proof={"files": {file: figures}})

    def probe(self, status=200, body=BOARD, error=None, pid=1):
        """A page is asked for, and answers."""
        self.now += 1.0
        number = len(self.evidence["probes"]) + 1
        self.evidence["probes"].append(
            {
                "n": number,
                "page": "leaderboard",
                "at": self.now,
                "standing": [fault["fault"] for fault in self._active()],
                "output": f"probe-{number:02d}.out",
                "status": status,
                "body": body,
                "error": error,
                "exit": 0,
                "pid": pid,
            }
        )

    def tells(self, *sources):
        """A cycle for each word that the bot says of where its data come from."""
        for source in sources:
            self.cycle(without=("state/health.json",))
            self.writes(
                "state/health.json", {"cycles_completed": len(self._running["cycles"]), "data_source": source}
            )

    def writes_outside(self, path, *, change="new", allowed=False):
        """The bot writes outside of its state and log folders."""
        self.evidence["outside"].append({"path": path, "size": 3, "change": change, "allowed": allowed})

    def host_has(self, memory):
        """The host has so much memory, as whoever took the samples saw."""
        self.evidence["sampler"] = {"host_memory": sizes.in_bytes(memory)}

    def samples(
        self, count=60, *, memory=20, handles=12, cpu=0.01, lasts=0.05, idle=0.8, private=True, ends=None
    ):
        """A start with one cycle and one sample in each step: memory in MB, seconds of a cycle, shares of the host.

        ``ends``: by itself, or asked to; then one more sample is taken, of what is left of it: a child has gone.
        """
        entry, interval = self.starts(scan_interval=0.1), 0.1
        used, spare = 0.0, 0.0
        for n in range(count):
            step = interval + curve(lasts, n)
            self.now += step
            used, spare = used + curve(cpu, n), spare + curve(idle, n) * step
            held = int(curve(handles, n))
            own = curve(memory, n) * MB
            entry["cycles"].append({"n": n + 1, "at": self.now, "wall": self.now, "handles": held})
            sample = {"start": entry["n"], "at": self.now, "cycles": n + 1, "threads": 1, "handles": held}
            sample |= {"rss": own + 7 * MB, "private": own if private else None}
            self.evidence["samples"].append(
                {**sample, "cpu": used, "host_time": self.now, "host_idle": spare}
            )
        if ends == "asked":
            self.sends("TERM")
        if ends:
            self.now += 0.1
            less = {"at": self.now, "rss": MB, "private": MB if private else None, "handles": 3}
            self.evidence["samples"].append({**self.evidence["samples"][-1], **less})
        self.exits()

    def failing(self, count=40, *, bit=True, **shapes):
        """A start with a sample in each cycle; after 40 cycles, as many of its requests fail as ``count`` says.

        Shapes are those of quantities, from the first failure on; before it they are as at first.
        """
        entry, clock, failed_at = self.starts(scan_interval=0.1), self.evidence.setdefault("clock", 0.0), []
        usual = {"rss": 20 * MB, "private": 20 * MB, "handles": 9, "threads": 1, "processes": 1}
        for n in range(40 + count):
            self.now += 0.1
            if n == 40:
                fault = self.fault("bad_exchange", bit=bit, proof={"broken_off": 0, "failed_at": failed_at})
            if n >= 40:
                # A moment before the sample: how a sum with the clock is rounded depends on how long a machine is up.
                failed_at.append(clock + self.now - 0.01)
            entry["cycles"].append({"n": n + 1, "at": self.now, "wall": self.now, "handles": 9})
            found = {word: curve(shape, max(0, n - 40)) for word, shape in {**usual, **shapes}.items()}
            self.evidence["samples"].append({"start": 1, "at": self.now, "cycles": n + 1, **found})
        self.reverts()
        fault["lifted_at"] = self.now
        self.exits()

    def renewing(self, of="log_at_limit", count=40, *, bit=True, meanwhile=(), **shapes):
        """A start with three samples a round; from the 20th round on a log is rotated, or a worker replaced, in each.

        The first sample of such a round is taken ``meanwhile``, with these quantities instead; one such round comes
        before all others. Shapes are as of ``failing``.
        """
        entry, clock = self.starts(scan_interval=0.1), self.evidence.setdefault("clock", 0.0)
        usual = {"rss": 20 * MB, "private": 20 * MB, "handles": 9, "threads": 1, "processes": 2}
        moments = {"log_at_limit": "rotated_at", "worker_death": "replaced_at"}[of]
        cycles = 0
        for n in range(-20, count):
            met = []
            if n == -20 or n >= 0:
                self.fault(of, bit=bit, proof={moments: met})
            for look in range(3):
                self.now += 0.1
                cycles += 1
                found = {word: curve(shape, max(0, n + 1)) for word, shape in {**usual, **shapes}.items()}
                found |= dict(meanwhile) if look == 0 and n >= 0 else {}
                sample = {"start": 1, "at": self.now, "cycles": cycles, **found}
                entry["cycles"].append({"n": cycles, "at": self.now, "wall": self.now, "handles": 9})
                self.evidence["samples"].append(sample)
                if look == 0 and (n == -20 or n >= 0):
                    met.append(clock + self.now + 0.01)
                    self.now += 0.01
                    self._active()[-1]["lifted_at"] = self.now
        self.exits()

    def _active(self):
        return [fault for fault in self.evidence["faults"] if fault.get("lifted_at", 0) is None]

    def _tracked(self):
        found = {}
        for role, fields in NEVER_BACK.items():
            key = f"state/{self.bot['state'][role]['path']}"
            file = self._files.get(key)
            found[key] = file and {
                "identity": [file["inode"], file["mtime"], len(file["data"])],
                "size": len(file["data"]),
                "json": bot_files.json_verdict(file["data"]),
                "fields": bot_files.fields(file["data"], fields),
            }
        return found


def curve(shape, n):
    """A measure at sample ``n``: a number, ``{0: 5, 8: 20}`` (5, and 20 from the eighth on), or a line.

    A line rises ``from`` a number ``by`` another with each sample; only ``until`` a sample, or anew ``every`` so many.
    """
    if not isinstance(shape, dict):
        return shape
    if "from" not in shape:
        return shape[max(first for first in shape if first <= n)]
    steps = min(n, shape.get("until", n)) % shape.get("every", n + 1)
    return shape["from"] + shape["by"] * steps


def merge(document, patch):
    """Merge a patch into a document, key by key."""
    for key, value in patch.items():
        if value is None:
            document.pop(key, None)
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            merge(document[key], value)
        else:
            document[key] = value


def filled(value, words):
    """A value in which ``$word`` is what the word stands for; steps to repeat keep their own."""
    if isinstance(value, dict):
        return {key: filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    if not isinstance(value, str):
        return value
    whole = value.removeprefix("$")
    return (
        words[whole] if whole != value and whole in words else string.Template(value).safe_substitute(words)
    )
