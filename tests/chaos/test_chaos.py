"""Whatever dies of us and whenever: right verdicts or an error with its reason, nothing left, nothing twice."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from lab.lab import Lab
from tests.chaos.deeds import DEEDS
from tests.chaos.round import FEW, Chaos

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.long,  # each kind of death has a test of its own in `make test`: in engine, lab and play
    pytest.mark.timeout(0),
]

#: So many moments of each kind. `make chaos` asks for a hundred.
MOMENTS = int(os.environ.get("CHAOS_MOMENTS", "1"))
#: The first seed; a round is repeated by its own.
SEED = int(os.environ.get("CHAOS_SEED", "1"))
#: Each takes a host of its own.
KINDS = (os.environ.get("CHAOS_KINDS") or ",".join([*DEEDS, "ansible_playbook"])).split(",")


@pytest.fixture(scope="module")
def chaos():
    with tempfile.TemporaryDirectory(prefix="chaos-", dir="/run") as folder:
        deeds = [kind for kind in KINDS if kind in DEEDS]
        with Lab.up(Path(folder, "lab"), hosts=max(2, len(deeds)), clocks=True) as lab:
            yield Chaos(lab, Path(folder, "said"))


def test_a_leftover_would_be_found(chaos):
    """The control of what all rounds conclude."""
    lab, host = chaos.lab, chaos.lab.hosts[0]
    assert chaos.before[host].left() == []
    lab.inside(host, ["iptables", "-N", "FS_planted"])
    lab.inside(host, ["sh", "-c", "touch /srv/planted; mount -t tmpfs none /mnt"])
    assert sorted(text.split(":")[0] for text in chaos.before[host].left()) == ["file", "mount", "rule"]
    lab.inside(host, ["sh", "-c", "umount /mnt; rm /srv/planted; iptables -X FS_planted"])
    assert chaos.before[host].left() == []


@pytest.mark.parametrize("number", range(SEED, SEED + MOMENTS))
def test_a_round(chaos, number, record_property):
    deeds = [kind for kind in KINDS if kind in DEEDS]
    # Each kind meets each host, and so each of the plan's orders, in turn.
    turned = deeds[number % len(deeds) :] + deeds[: number % len(deeds)] if deeds else []
    moments = chaos.round(number, dict(zip(chaos.lab.hosts, turned, strict=False))) if turned else []
    if "ansible_playbook" in KINDS:
        moments += chaos.round(10_000 + number, {}, only=chaos.lab.hosts[:FEW])
    for moment in moments:
        record_property("chaos", json.dumps({**moment.__dict__, "good": moment.good}))
    bad = [moment for moment in moments if not moment.good]
    assert not bad, "\n".join(f"{item.kind} on {item.host}, seed {item.seed}: {item}" for item in bad)
