"""The process that a contract is tried in: ``python -m tests.contract.driver WORLD EXPERIMENT WHAT FOLDER``.

WHAT is ``life`` (once, from before to after), ``unmet`` (the same, and the bot does nothing), ``kills`` (the arena's
process is killed before each of its steps in turn, and what ``recover`` leaves is told) or ``some`` (before a few of
them). A step is whatever others can see: a program that is started, a file that is written, made, renamed or removed, a
mount, a network, a line of the journal; and there is one while the fault is active. With ``unable`` EXPERIMENT is a
fault of ``NOT_ON_MACOS``: why it is skipped.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path

from fleet_stress.faults import FAULTS
from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.faults.site import Where
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import Undo
from fleet_stress.run import capabilities
from fleet_stress.store import layout
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE, RunFolder
from fleet_stress.system import process
from fleet_stress.system.linux import mounts, network
from tests.contract.experiments import EXPERIMENTS
from tests.contract.rows import first_use
from tests.contract.worlds import WORLDS

_SCENARIO = "told"
#: How many deaths at most.
_MOST = {"kills": 1000, "some": 4}
_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.chown"}
_EVENTS |= {"open", "subprocess.Popen", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR
#: What these do the interpreter does not tell of: calls of the kernel by ctypes; a line of the journal; and that the
#: fault is active. By identity, so that a function that is renamed or moved is missed at once.
_BY_HAND = (
    mounts._call,
    mounts.unmount,
    network.new_network,
    network.enter_network,
    Journal.write,
    AppliedFault.revert,
)
_CODES = {id(function.__code__) for function in _BY_HAND}


def _only_looks(argv):
    """Whether a program of the system changes nothing: a death before it is one before the step that comes next."""
    return argv == ["mount"] or argv[1:2] == ["info"] or (argv[0] == "pfctl" and "-s" in argv)


class Steps:
    """Counts this process's steps from ``begin`` on, and kills it before one of them."""

    def __init__(self, apart, kill_at=None):
        """``apart``: what is below that folder is the doubles' own."""
        self.count, self._apart, self._kill_at, self._on = 0, str(apart), kill_at, False
        sys.addaudithook(self._audit)
        sys.setprofile(self._profile)

    def begin(self):
        self._on = True

    def end(self):
        self._on = False

    def _audit(self, event, arguments):
        if not self._on or event not in _EVENTS or str(arguments[0]).startswith(self._apart):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        if event != "subprocess.Popen" or not _only_looks(list(arguments[1])):
            self._step()

    def _profile(self, frame, event, _):
        if event == "call" and self._on and id(frame.f_code) in _CODES:
            self._step()

    def _step(self):
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Arena:
    """One arena's folder in one run, as the engine lays it out."""

    def __init__(self, stress_dir, number, world, experiment):
        self.run = RunFolder(stress_dir / "runs" / f"run-{number}")
        self.folder = self.run.arenas / _SCENARIO
        self._world, self._experiment = world, experiment
        self.folder.mkdir(parents=True)

    def enter(self):
        """In the arena's process: the site, and where it writes down what it does."""
        os.environ[MARK_VARIABLE] = os.environ[ARENA_VARIABLE] = mark = f"{self.run.mark}/{_SCENARIO}"
        self.undo = Undo(Journal(self.run.journal, _SCENARIO))
        for name in layout.WORKING:
            self.undo.record("remove_tree", path=str(self.folder / name))
        self.undo.record("end_marked", mark=mark)
        more = {"networked": True} if self._experiment.networked else {}
        site = self._world.site(self.folder, mark, **more)
        if os.geteuid() == 0:
            for name in ("state", "log"):
                os.chown(self.folder / name, site.user.uid, site.user.gid)
        site = self._experiment.prepare(site)
        self._under = None
        if hasattr(self._experiment, "before"):
            name, arguments = self._experiment.before
            self._under = AppliedFault(FAULTS[name], site, arguments, self.undo, 0.0, 1)
        return site

    def dies(self, site, steps):
        """The fault is applied and reverted, and nobody is hit by it; a step of that may be the last."""
        steps.begin()
        applied = AppliedFault(self._experiment.fault, site, self._experiment.arguments, self.undo, 1.0, 1)
        applied.revert(2.0)
        steps.end()
        return {"steps": steps.count}

    def life(self, site, *, used=True):
        """The fault from before to after; what was seen."""
        experiment = self._experiment
        kind = experiment.fault
        where = Where(self.run.stress_dir, {**site.bot}, self._network(site))
        seen = {"supported": kind.supported(where, experiment.arguments), "before": experiment.works(site)}
        seen["undo"] = [needed.kind for needed in kind(site, experiment.arguments).undo()]
        applied = AppliedFault(kind, site, experiment.arguments, self.undo, 1.0, 1)
        if used:
            experiment.use(site, applied.fault.hits)
        # The control is asked after the proof, whose counters it would feed.
        prove, during = applied.fault.prove, []

        def prove_and_try():
            proof = prove()
            during.append(experiment.works(site))
            return proof

        applied.fault.prove = prove_and_try
        applied.revert(2.0)
        seen |= {"during": during[0], "after": experiment.works(site), "entry": applied.entry}
        if self._under is not None:
            self._under.revert(3.0)
        experiment.end(site)
        return seen

    def _network(self, site):
        if not self._experiment.networked:
            return None
        return "private" if site.isolation.network else "by_user"


def in_arena(act):
    """Do something in a process of its own; its exit status, and what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(act(), default=str).encode())
        except BaseException:
            os.write(writing, json.dumps({"failed": traceback.format_exc()}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, json.loads(said) if said else {}


def once(world, experiment, folder, used):
    """One whole life, and what is left of it."""
    arena = Arena(folder, 0, world, experiment)
    _, said = in_arena(lambda: arena.life(arena.enter(), used=used))
    recovered = recover(folder)
    return {**said, "left": world.left(), "failed_to_undo": recovered["failed"]}


def kills(world, experiment, folder, most):
    """The arena's process killed before each step in turn, or before so many of them; what was left of each."""

    apart = folder / "mac"
    first = Arena(folder, 0, world, experiment)
    _, said = in_arena(lambda: first.dies(first.enter(), Steps(apart)))
    if "failed" in said:
        return said
    recover(folder)
    told = []
    for number in range(1, said["steps"] + 1, max(1, -(-said["steps"] // most))):
        arena = Arena(folder, number, world, experiment)
        status, _ = in_arena(
            lambda arena=arena, number=number: arena.dies(arena.enter(), Steps(apart, number))
        )
        recovered = recover(folder)
        again = recover(folder)
        strays = [process.describe(item) for item in process.marked(arena.run.mark)]
        aside = [
            path.name
            for path in arena.folder.iterdir()
            if path.name not in ("state", "log", "home", "evidence")
        ]
        told.append(
            {
                "step": number,
                "status": status,
                "left": [*world.left(), *strays, *aside],
                "failed_to_undo": recovered["failed"] + again["failed"],
                "undone_again": again["undone"],
                "folders": all((arena.folder / item).is_dir() for item in ("state", "log")),
            }
        )
    return {"steps": said["steps"], "kills": told}


def unable(fault, folder):
    """Why a scenario with that fault is skipped in the world that we are in; None: it is not."""
    network, arguments = first_use(fault)
    steps = [{"verb": "fault", "args": {"fault": fault, "args": arguments}}]
    bot = {"hosts": ["one.fleet-stress.test"], "modules": [], "environment": {}, "argv": ["./bot"]}
    plan = {"stress_dir": str(folder), "bot": bot}
    return capabilities.unable(plan, {"skip": None, "network": network, "steps": steps})


def main(world, experiment, what, folder):
    """Enter the world, do it, tell."""
    folder = Path(folder)
    (folder / layout.MARKER).write_text("{}")
    with WORLDS[world](folder) as entered:
        if what == "unable":
            print(json.dumps({"unable": unable(experiment, folder)}))
            return
        asked = EXPERIMENTS[experiment]
        if what in _MOST:
            told = kills(entered, asked, folder, _MOST[what])
        else:
            told = once(entered, asked, folder, what == "life")
    print(json.dumps(told, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
