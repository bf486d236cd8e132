"""What shows that a fault took effect, in words: for every fault there is, and whatever a host says."""

from pathlib import Path

import pytest
from fleet_controller.report.page.proof_words import PHRASES, proof_words

from fleet_stress.faults import FAULTS

EVIDENCE = (Path(__file__).parents[5] / "docs/evidence.md").read_text("utf-8")
#: Of an operator's hand, and no fault that a scenario applies.
BY_HAND = {"unplugged"}


def test_each_fault_has_words():
    assert set(PHRASES) == {*FAULTS, *BY_HAND}


@pytest.mark.parametrize("fault", sorted(PHRASES))
def test_its_words_rest_on_keys_that_the_evidence_has(fault):
    rows = [
        [cell.strip() for cell in line.split("|")[1:3]] for line in EVIDENCE.splitlines() if line[:1] == "|"
    ]
    documented, name = set(), ""
    for first, keys in rows:
        name = first or name
        if f"`{fault}`" in name:
            documented |= set(keys.replace("`", "").split(", "))
    for key, _ in PHRASES[fault]:
        parts = key.split(".")
        # Of the contents of an object there is no row of its own.
        assert key in documented or parts[0] in documented or parts[0] == "after_lifting"


def test_a_proof_is_told_in_words():
    proof = {
        "link_down_inside": True,
        "during": {"192.0.2.1:443": "timed out"},
        "after_lifting": {"link_up_inside": False},
    }
    assert proof_words({"fault": "network_cut", "proof": proof}) == (
        "the bot's link had no carrier; a connection of ours: 192.0.2.1:443: timed out"
    )


def test_why_it_did_not_take_effect_comes_first():
    proof = {"why": "the bot never looked a name up", "how": "fails"}
    told = proof_words({"fault": "bad_dns", "proof": proof})
    assert told == "the bot never looked a name up; name server: fails"


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"fault": ["fill"], "proof": []},
        {"fault": "fill", "proof": {"tried": [[["x"]]], "last": 3, "written_bytes": float("nan")}},
        {"fault": "fill", "proof": {"written_bytes": 10**400, "folder": "", "full": "yes"}},
    ],
)
def test_what_is_no_proof_says_nothing(fault):
    assert proof_words(fault) == ""


def test_what_a_host_names_is_bounded_and_harmless():
    told = proof_words({"fault": "fill", "proof": {"folder": "\x1b[31m" + "x" * 9_000, "tried": {"a\nb": 1}}})
    assert len(told) < 400
    assert "\x1b" not in told
    assert "\n" not in told
