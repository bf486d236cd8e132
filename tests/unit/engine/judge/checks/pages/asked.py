"""Probes for a story: before, under and after a fault."""

import itertools

BOARD = '[{"strategy": "cheapest", "volatility": 0.2}]'


def answer(status=200, body=BOARD, error=None, pid=1):
    return {"status": status, "body": body, "error": error, "exit": 0, "pid": pid}


def asked(story, *, before=None, under=None, after=None, met=(7,), bit=True):
    """One probe each where there is an answer; ``met`` are the pids that the fault met."""
    number, times = itertools.count(1), itertools.count(1)

    def probe(answer, *standing):
        if answer is not None:
            n = next(number)
            told = {"n": n, "page": "leaderboard", "at": float(next(times)), "standing": list(standing)}
            story.evidence["probes"].append({**told, "output": f"probe-{n:02d}.out", **answer})

    probe(before)
    fault = {"fault": "broken_module", "args": {}, "at": float(next(times)), "start": None, "applied": True}
    probe(under, "broken_module")
    fault["lifted_at"] = float(next(times))
    probe(after)
    proof = {"module": "numpy", "met": [{"pid": pid, "what": "import", "argv": ["-c"]} for pid in met]}
    story.evidence["faults"].append({**fault, "bit": bit, "proof": proof})
