"""All verbs together: the steps of one scenario, compiled one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.located_yaml import At
from fleet_controller.planning.deadlines import Impossible
from fleet_controller.planning.steps import faults, looks, nested, starts, waits, words
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step

#: What a verb of a scenario becomes: the arguments of one step, or several steps (none: it is no step of a host's).
_VERBS: Mapping[str, Callable[[ScenarioSteps, Any, At], Step | list[Step]]] = {
    "start": starts.start,
    "wait": waits.wait,
    "signal": waits.signal,
    "fault": faults.fault,
    "lift": faults.lift,
    "sample": looks.sample,
    "look": looks.look,
    "probe": looks.probe,
    "command": looks.command,
    "repeat": nested.repeat,
    "unless_logged": nested.unless_logged,
    "with_exchange": nested.with_exchange,
    "visit": nested.visit,
    "expect": words.expect,
}


class Compiler(ScenarioSteps):
    """Compiles the steps of one scenario for one bot."""

    def steps(self, steps: Sequence[Step], at: At = ("steps",)) -> list[Step]:
        """The steps as the plan has them. Expectations are set aside."""
        done: list[Step] = []
        for number, step in enumerate(steps):
            verb, arguments = next(iter(step.items()))
            here = (*at, number, verb)
            try:
                compiled = _VERBS[verb](self, arguments, here)
            except Impossible as problem:
                self.refuse(here, problem.what, problem.why, problem.do)
                continue
            done += compiled if isinstance(compiled, list) else [{"verb": verb, "args": compiled}]
        return done
