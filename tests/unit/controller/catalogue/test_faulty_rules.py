"""Rules of the faulty file system that cannot be are refused before any host is touched, with the nearest word."""

import pytest
from fleet_controller.catalogue.vocabulary import Vocabulary


@pytest.fixture
def rules(catalogue):
    """``rules("{on: [write], …}")``: a scenario with this rule of the engine's own fault."""
    catalogue.vocabulary = Vocabulary.of_engine()._replace(checks=catalogue.vocabulary.checks)

    def make(rule, fault="faulty_fs: {rules: [%s]}"):
        rest = "- start: {max_cycles: 2}\n- wait: {until: exit}\n- expect: [state_valid]\n"
        catalogue.steps(f"- fault: {{{fault % rule}}}\n{rest}")
        return catalogue

    return make


def test_durations_in_a_rule_are_handed_over_in_seconds(rules):
    compiled = rules('{on: [metadata], path: "*.tmp", delay: 200ms}'.replace("200ms", "0.2s")).compiled()
    arguments = compiled["steps"][0]["args"]["args"]
    assert arguments == {"rules": [{"on": ["metadata"], "path": "*.tmp", "delay": 0.2}]}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{on: [write], errno: ENOSPCE}", ["unknown word `ENOSPCE`", "did you mean `ENOSPC`?"]),
        ("{on: [wriet], errno: EIO}", ["unknown word `wriet`", "did you mean `write`?"]),
        ("{on: [write], erno: EIO}", ["unknown key of a rule `erno`", "did you mean `errno`?"]),
        ("{on: [rename], kill: before, at: 0}", ["the value 0 does not belong here", "at least 1"]),
        ("{on: [rename], kill: before}", ["the fault `faulty_fs` cannot be like this", "(`at: 3`)"]),
        ("{on: [write], errno: EIO, at: 1, from: 2}", ["rule 1", "not both"]),
        ("{on: [write]}", ["rule 1: a rule does exactly one of", "this one says: none"]),
        ("{on: []}", ["does not belong here"]),
    ],
)
def test_what_cannot_be_is_refused(rules, rule, told):
    said = rules(rule).refusal()
    assert "scenarios/restart.yml:6" in said
    for words in told:
        assert words in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("{}", ["the kind is missing", "latency"]),
        ("{latency: 0s}", ["does not belong here", "more than 0"]),
        ("{latensy: 1s}", ["did you mean `latency`?"]),
        ("{latency: 1s, folder: stat}", ["unknown word `stat`", "did you mean `state`?"]),
    ],
)
def test_a_slow_disk_that_cannot_be_is_refused(rules, arguments, told):
    said = rules(arguments, "slow_disk: %s").refusal()
    for words in told:
        assert words in said
