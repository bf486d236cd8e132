"""From a scenario to a plan: the form of every step, the sums, and what makes two plans the same."""

import itertools

import pytest
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command, digest
from fleet_controller.planning.compile_plan import compile_plan, plan_of, store

from tests.messages.codes import says
from tests.unit.controller.planning.contract import breaches

HOST = {"cores": 2, "memory_mb": 4000}
WHERE = {
    "run_id": "20260101-000000-abcdef",
    "host": "h1",
    "facts": HOST,
    "stress_dir": "/var/lib/fleet-stress",
    "user": "fleet-stress",
    "copy": "/copy",
    "python": "/usr/bin/python3",
}


def test_a_small_plan_from_end_to_end(catalogue):
    catalogue.scenario()
    plan = catalogue.plan()
    assert {name: plan[name] for name in ("format", "run_id", "host", "profile", "engine_version")} == {
        "format": 1,
        "run_id": "20260101-000000-abcdef",
        "host": "h1",
        "profile": "smoke",
        "engine_version": "0.1.0",
    }
    # What the run may take: both scenarios, one after the other, and ten minutes.
    run_within = 600 + sum(scenario["within"] for scenario in plan["scenarios"])
    assert plan["limits"] == {
        "bots_at_once": 8,
        "run_within": run_within,
        "lease": run_within + 600,
        "evidence_bytes": 20_000_000,
        "evidence": "all",
        "disk_floor_mb": 0,
        "memory_floor_mb": 0,
    }
    assert plan["scenarios"][1] == {
        "id": "restart",
        "row": "3.3",
        "title": "Comes back after a kill",
        "weight": 1,
        "advisory": False,
        "exclusive": False,
        "network": None,
        "baseline": False,
        # Two starts, a first cycle and 0.5 s, an end, two cycles with a second between, an arena.
        "estimate": 0.3 + 0.1 + 0.5 + 0.3 + 0.3 + 1.2 + 0.5,
        # 60 to start, 61.5 to the first cycle, 3 * 5 + 30 to end, and so on, and 180 for the arena.
        "within": 60 + 61.5 + 45 + 60 + (61 + 2 * 11 + 60) + 180,
        "skip": None,
        "notes": [],
        "steps": [
            {"verb": "start", "args": {"settings": {"max_cycles": 9999, "scan_interval": 1}}},
            {"verb": "wait", "args": {"until": "first_cycle", "within": 61.0, "then": 0.5}},
            {"verb": "signal", "args": {"signal": "KILL", "aim": None, "within": 0.0}},
            {"verb": "start", "args": {"settings": {"max_cycles": 2, "scan_interval": 1}}},
            {"verb": "wait", "args": {"until": "exit", "within": 143.0, "then": 0.0}},
        ],
        "expect": [
            {"check": "exit_code", "args": {"is": "finished"}},
            {"check": "state_valid", "args": {}},
        ],
    }


def test_the_plan_keeps_to_its_contract_and_tells_hosts_nothing_of_provisioning(catalogue):
    catalogue.scenario()
    plan = catalogue.plan(profile="soak")
    assert breaches(plan) == []
    assert not {"overlay", "requirements", "homepage", "license"} & set(plan["bot"])
    assert (plan["bot"]["source"], plan["bot"]["asked"]) == ("", "tiny")


def test_every_verb_has_its_form(catalogue):
    catalogue.steps(
        """
        - start: {max_cycles: unlimited, scan_interval: 2s}
        - wait: {until: {cycles: "{{ x + 2 }}"}, within: 1m, then: 0.5s}
        - signal: TERM
        - wait: 1.5s
        - fault: {corrupt: {file: ledger, text: "{"}}
        - fault: {slow_disk: {delay: 0.5m}}
        - repeat:
            times: 3
            steps:
              - start: {max_cycles: 2}
              - wait: {until: exit, within: 30}
        - expect: [continuity: {except: [ledger]}]
        - expect: [exit_code: {is: terminated, start: all}]
        """
    )
    assert breaches(catalogue.plan()) == []
    compiled = catalogue.compiled()
    assert compiled["steps"] == [
        # Without a limit the variable is left out: `int("")` fails.
        {"verb": "start", "args": {"settings": {"scan_interval": 2}}},
        {"verb": "wait", "args": {"until": "cycles", "cycles": 3, "within": 60.0, "then": 0.5}},
        {"verb": "signal", "args": {"signal": "TERM", "aim": None, "within": 0.0}},
        {"verb": "wait", "args": {"until": None, "within": 0.0, "then": 1.5}},
        {"verb": "fault", "args": {"fault": "corrupt", "args": {"file": "ledger", "text": "{"}}},
        {"verb": "fault", "args": {"fault": "slow_disk", "args": {"delay": 30.0}}},
        {
            "verb": "repeat",
            "args": {
                "times": 3,
                "steps": [
                    {"verb": "start", "args": {"settings": {"max_cycles": 2}}},
                    {"verb": "wait", "args": {"until": "exit", "within": 30.0, "then": 0.0}},
                ],
            },
        },
    ]
    assert compiled["expect"] == [
        {"check": "continuity", "args": {"except": ["ledger"]}},
        {"check": "exit_code", "args": {"is": "terminated", "start": "all"}},
    ]


def without_a_limit(catalogue):
    catalogue.bot(
        ("  max_cycles: {variable: CYCLES, type: integer}\n", ""),
        ("memory_mb: 100", "ended_by: {signal: TERM, after: 0.3s}"),
    )


def test_a_bot_that_counts_no_cycles_is_ended_when_it_has_finished_them(catalogue):
    without_a_limit(catalogue)
    catalogue.scenario()
    assert catalogue.compiled()["steps"][3:] == [
        {"verb": "start", "args": {"settings": {"scan_interval": 1}}},
        {"verb": "wait", "args": {"until": "cycles", "cycles": 2, "within": 72.0, "then": 0.3}},
        {"verb": "signal", "args": {"signal": "TERM", "aim": None, "within": 0.0}},
    ]
    assert "ended_by" not in catalogue.plan()["bot"]


def test_what_cannot_work_with_a_limit_cannot_without_one(catalogue):
    without_a_limit(catalogue)
    catalogue.scenario(("{until: exit}", "{until: {cycles: 3}}"))
    assert catalogue.refusal().startswith("waits for cycle 3 of a bot that ends after 2\n")
    catalogue.scenario(('max_cycles: "{{ cycles }}"', "max_cycles: unlimited"))
    assert catalogue.refusal().startswith("waits for the exit of a bot that does not end\n")


def test_a_volume_is_made_as_large_as_the_bot_needs(catalogue):
    catalogue.bot(("memory_mb: 100", "room: {state: 2500KB, log: 1MB}"))
    catalogue.steps(
        """
        - fault: {ram_volume: {folder: both, size: 1MB}}
        - lift: ram_volume
        - fault: {ram_volume: {folder: state, size: 1MB}}
        - lift: ram_volume
        - fault: {ram_volume: {folder: log, size: 1MB}}
        - start: {max_cycles: 1}
        - wait: {until: exit}
        - expect: [state_valid]
        """
    )
    [_, compiled] = compile_command("tiny", "smoke", project=catalogue.project).scenarios
    assert [step["args"]["args"]["size"] for step in compiled["steps"][:5:2]] == ["4MB", "3MB", "1MB"]
    assert "a volume has 4MB where 1MB were asked for: the bot needs them" in compiled["notes"]


def test_a_repeat_counts_as_often_as_it_is_done(catalogue):
    def sums(times):
        catalogue.steps(
            f"""
            - repeat:
                times: {times}
                steps:
                  - start: {{max_cycles: 2, scan_interval: 1s}}
                  - wait: {{until: exit}}
            - expect: [state_valid]
            """
        )
        compiled = catalogue.compiled()
        return compiled["estimate"], compiled["within"]

    (estimate, within), *later = (sums(times) for times in (1, 2, 20))
    assert [item[0] for item in later] == [pytest.approx(0.5 + times * (estimate - 0.5)) for times in (2, 20)]
    assert [item[1] for item in later] == [pytest.approx(180 + times * (within - 180)) for times in (2, 20)]


def test_deadlines_are_generous_and_grow_with_what_is_waited_for(catalogue):
    catalogue.steps(
        "- start: {max_cycles: 100, scan_interval: 1h}\n- wait: {until: exit}\n- expect: [state_valid]"
    )
    compiled = catalogue.compiled()
    assert compiled["estimate"] == pytest.approx(99 * 3600, rel=0.01)
    assert compiled["within"] > compiled["estimate"] * 1.01
    assert compiled["steps"][1]["args"]["within"] == 60 + 3600 + 100 * (3600 + 10) + 60


def test_as_many_cycles_as_there_is_time_for(catalogue):
    catalogue.steps(
        """
        - start: {max_cycles: unlimited, scan_interval: 1s}
        - wait: {until: {cycles: 1000}, at_most: 10s}
        - signal: TERM
        - expect: [state_valid]
        """
    )
    compiled = catalogue.compiled()
    assert compiled["steps"][1]["args"]["at_most"] == compiled["steps"][1]["args"]["within"] == 10
    assert 10 < compiled["estimate"] < 12, "no longer than that, however slow it is"


@pytest.mark.parametrize(
    ("setting", "asked", "given", "note"),
    [
        ("minimum: 0.5", "2s", 2, None),
        ("minimum: 0.5", "0.2s", 0.5, "scan_interval is 0.5 where 0.2 was asked for: the bot takes no less"),
        (
            "minimum: 1, type: integer",
            "1.2s",
            2,
            "scan_interval is 2 where 1.2 was asked for: the bot takes no less",
        ),
        ("type: integer", "3s", 3, None),
        ("type: number", "0.1s", 0.1, None),
        ("unit: ms, type: integer", "0.07s", 0.07, None),
        (
            "unit: ms, minimum: 250",
            "0.1s",
            0.25,
            "scan_interval is 0.25 where 0.1 was asked for: the bot takes no less",
        ),
    ],
)
def test_a_setting_is_raised_to_what_the_bot_can_take(catalogue, setting, asked, given, note):
    catalogue.bot(("minimum: 0.5", setting))
    catalogue.steps(
        f"- start: {{max_cycles: 2, scan_interval: {asked}}}\n- wait: {{until: exit}}\n- expect: [state_valid]"
    )
    compiled = catalogue.compiled()
    assert compiled["steps"][0]["args"]["settings"] == {"max_cycles": 2, "scan_interval": given}
    assert compiled["notes"] == ([note] if note else [])


def test_parameters_are_inherited_as_a_whole(catalogue):
    catalogue.scenario()
    assert catalogue.compiled(profile="soak")["steps"][1]["args"]["then"] == 7.0
    catalogue.scenario(("  standard:", "  soak: {cycles: 1, alive_for: 1h}\n  standard:"))
    assert catalogue.compiled(profile="soak")["steps"][1]["args"]["then"] == 3600.0


def test_a_scenario_without_parameters_is_the_same_for_every_profile(catalogue):
    catalogue.write(
        "scenarios/restart.yml",
        'id: restart\nrow: "3"\ntitle: T\nsteps: [{start: {max_cycles: 1}}, {expect: [state_valid]}]\n',
    )
    assert catalogue.compiled(profile="smoke") == catalogue.compiled(profile="soak")


@pytest.mark.parametrize(
    ("needs", "reason", "enable"),
    [
        ("{state: [book]}", "the bot profile tiny names no state file `book`", "name it under `state`"),
        (
            "{backup: [health]}",
            "the bot profile tiny names no backup of the file `health`",
            "name it under `state`",
        ),
        (
            "{log_keys: [max_bytes]}",
            "the bot profile tiny names no log with `max_bytes`",
            "name it under `logs`",
        ),
        ("{logs: [errors]}", "the bot profile tiny names no log `errors`", "name it under `logs`"),
        ("{settings: [speed]}", "the bot profile tiny names no setting `speed`", "name it under `settings`"),
        ("{sections: [web]}", "the bot profile tiny names no section `web`", "write a section `web:`"),
    ],
)
def test_what_the_bot_does_not_have_is_a_reason_to_skip(catalogue, needs, reason, enable):
    catalogue.scenario(("parameters:", f"needs: {needs}\nparameters:"))
    compiled = catalogue.compiled()
    assert compiled["skip"] == {
        "reason": reason,
        "enable": f"{enable} in bots/tiny.yml, if the bot has one",
    }
    assert (compiled["steps"], compiled["expect"], compiled["estimate"]) == ([], [], 0.0)


def test_a_bot_without_a_timeout_for_its_cycles_does_without(catalogue):
    catalogue.scenario(("max_cycles: 9999,", "max_cycles: 9999, cycle_timeout: 5s,"))
    compiled = catalogue.compiled()
    assert compiled["skip"] is None
    assert "cycle_timeout" not in compiled["steps"][0]["args"]["settings"]
    assert "cycle_timeout is left out: the bot does not know it" in compiled["notes"]


def test_the_baseline_is_never_skipped(catalogue):
    catalogue.bot(("  max_cycles: {variable: CYCLES, type: integer}\n", ""))
    assert catalogue.refusal() == (
        "the bot profile tiny names no setting `max_cycles`\n"
        "   where: scenarios/baseline.yml\n"
        "   why:   the baseline cannot be skipped\n"
        "   do:    name it under `settings` in bots/tiny.yml, if the bot has one; if it has none, say with"
        " `ended_by` how it is ended"
    )


def without_an_interval(catalogue, *more):
    catalogue.bot(("  scan_interval: {variable: INTERVAL, minimum: 0.5}\n", ""), *more)


def test_a_bot_with_a_pace_of_its_own_is_told_no_interval(catalogue):
    without_an_interval(catalogue, ("cycle_seconds: 0.1", "cycle_seconds: 2"))
    catalogue.scenario()
    compiled = catalogue.compiled()
    assert (compiled["skip"], compiled["notes"]) == (None, [])
    assert compiled["steps"][0]["args"]["settings"] == {"max_cycles": 9999}
    # Its cycle_seconds are all of its pace.
    assert compiled["estimate"] == pytest.approx(0.3 + 2 + 0.5 + 0.3 + 0.3 + 2 * 2 + 0.5)


NETWORK = """
- start: {max_cycles: 9999, scan_interval: 1s}
- fault: {network_cut: {}}
- wait: {until: {more_cycles: 3}, then: 0.5s}
- lift: network_cut
- wait: {until: {more_cycles: 2}}
- signal: TERM
- expect: [state_valid]
"""


@pytest.mark.parametrize(
    ("driven_by", "waits"),
    [
        ("", [("noticed", 3), ("more_cycles", 2)]),
        (", driven_by: interval", [("more_cycles", 3), ("more_cycles", 2)]),
    ],
)
def test_a_bot_that_is_driven_by_its_feed_has_no_cycles_while_that_is_gone(catalogue, driven_by, waits):
    """Its exchange sends nothing, so it can only say so; afterwards its cycles come back."""
    without_an_interval(catalogue, ("field: cycles}", f"field: cycles{driven_by}}}"))
    catalogue.vocabulary = catalogue.vocabulary._replace(
        faults={**catalogue.vocabulary.faults, "network_cut": {"type": "object", "properties": {}}},
        lasting=frozenset(["network_cut"]),
        outages=frozenset(["network_cut"]),
    )
    catalogue.steps(NETWORK)
    steps = [step["args"] for step in catalogue.compiled()["steps"] if step["verb"] == "wait"]
    assert [(step["until"], step["cycles"]) for step in steps] == waits


def test_one_that_would_end_by_itself_in_an_outage_is_ended(catalogue):
    without_an_interval(catalogue)
    catalogue.vocabulary = catalogue.vocabulary._replace(
        faults={**catalogue.vocabulary.faults, "dead_proxy": {"type": "object", "properties": {}}},
        lasting=frozenset(["dead_proxy"]),
        outages=frozenset(["dead_proxy"]),
    )
    catalogue.steps(
        """
        - fault: {dead_proxy: {}}
        - start: {max_cycles: 2, scan_interval: 1s}
        - wait: {until: exit}
        - lift: dead_proxy
        - expect: [state_valid]
        """
    )
    assert catalogue.compiled()["steps"][2:4] == [
        {"verb": "wait", "args": {"until": "noticed", "cycles": 2, "within": 90.0, "then": 0.0}},
        {"verb": "signal", "args": {"signal": "TERM", "aim": None, "within": 0.0}},
    ]


@pytest.mark.parametrize(
    ("cores", "memory_mb", "share", "bots"),
    [
        (2, 4000, 0.25, 8),
        (1, 4000, 0.1, 10),
        (2, 600, 0.25, 3),
        (1, 100, 0.25, 1),
        (1, 4000, 2.5, 1),
        (0.5, 4000, 0.25, 2),
    ],
)
def test_as_many_bots_as_the_host_carries(catalogue, cores, memory_mb, share, bots):
    catalogue.bot(("cpu_share: 0.25", f"cpu_share: {share}"))
    facts = {"cores": cores, "memory_mb": memory_mb, "system": "Linux"}
    assert catalogue.plan(facts=facts)["limits"]["bots_at_once"] == bots


@pytest.mark.parametrize(("asked", "bots"), [(0, 8), (None, 8), (3, 3), (100, 8)])
def test_not_more_bots_than_the_operator_says(catalogue, asked, bots):
    facts = {"cores": 2, "memory_mb": 4000, "system": "Linux"}
    plan = plan_of(catalogue.compile(), **{**WHERE, "facts": facts}, limits={"bots_at_once": asked})
    assert plan["limits"]["bots_at_once"] == bots


@pytest.mark.parametrize("limits", [{"lease": "long"}, {"bots_at_once": -1}, {"floors": {"disk_mb": "much"}}])
def test_limits_that_are_no_amounts_are_refused(catalogue, limits):
    with pytest.raises(UserError, match="is no amount"):
        plan_of(catalogue.compile(), **WHERE, limits=limits)


def test_unknown_evidence_is_refused_with_what_there_is(catalogue):
    with pytest.raises(UserError, match="did you mean `not_passed`"):
        plan_of(catalogue.compile(), **WHERE, limits={"evidence": "not_pased"})


def test_half_of_the_floors_stays_free_and_a_lease_is_as_asked(catalogue):
    floors = {"disk_mb": 500, "memory_mb": 200}
    limits = plan_of(catalogue.compile(), **WHERE, limits={"floors": floors, "lease": 90})["limits"]
    assert (limits["disk_floor_mb"], limits["memory_floor_mb"], limits["lease"]) == (250, 100, 90)


@pytest.mark.parametrize(
    "facts", [None, "x", {}, {"cores": 2}, {"cores": "2", "memory_mb": 1}, {"cores": 0, "memory_mb": 1}]
)
def test_facts_that_are_not_complete_are_refused(catalogue, facts):
    with pytest.raises(UserError, match=says("facts_not_complete")):
        plan_of(catalogue.compile(), **{**WHERE, "facts": facts})


def test_the_same_command_gives_the_same_plan(catalogue):
    catalogue.scenario()
    first, again = catalogue.plan(), catalogue.plan(run_id="20270101-000000-fedcba")
    assert first["plan_hash"] == again["plan_hash"]
    assert first == {**again, "run_id": first["run_id"]}
    rest = {name: value for name, value in first.items() if name not in ("run_id", "plan_hash")}
    assert digest(rest) == first["plan_hash"]


def test_the_scenario_as_written_is_kept_for_reports_and_is_no_part_of_a_plan(catalogue):
    catalogue.scenario(("steps:", "about: Why it is there.\nsteps:"))
    before = catalogue.compile()
    catalogue.scenario(("steps:", "about: Why it is there.  # a remark\nsteps:"))
    after = catalogue.compile()
    assert after.written["restart"]["about"] == "Why it is there."
    assert "# a remark" in after.written["restart"]["yaml"]
    assert after.digest == before.digest
    assert "written" not in catalogue.plan()


def test_anything_else_gives_another_plan(catalogue):
    catalogue.scenario()
    plans = [
        catalogue.plan(),
        catalogue.plan(profile="soak"),
        catalogue.plan(scenarios="baseline"),
        catalogue.plan(facts={"cores": 1, "memory_mb": 4000}),
    ]
    catalogue.scenario(("2, alive_for: 0.5s", "2, alive_for: 0.6s"))
    hashes = [item["plan_hash"] for item in [*plans, catalogue.plan()]]
    assert all(first != second for first, second in itertools.combinations(hashes, 2))


def test_what_was_stored_for_a_run_is_what_its_hosts_get(tmp_path):
    run = tmp_path / WHERE["run_id"]
    command = {"bot": "reference", "profile": "smoke", "scenarios": "sigterm"}
    compiled = compile_command(**command)
    store(compiled, run)
    fresh = compile_plan(**command, **WHERE)
    assert compile_plan(**command, **WHERE, results_dir=tmp_path) == fresh

    changed = compiled._replace(bot={**compiled.bot, "title": "stored"})
    store(changed, run)
    assert compile_plan(**command, **WHERE, results_dir=tmp_path)["bot"]["title"] == "stored"
    other = {**command, "scenarios": "sigint"}
    assert compile_plan(**other, **WHERE, results_dir=tmp_path) == compile_plan(**other, **WHERE)
    (run / "compiled.json").write_text("{}", encoding="utf-8")
    assert compile_plan(**command, **WHERE, results_dir=tmp_path) == fresh


def test_a_host_runs_what_failed_there_and_skips_what_failed_elsewhere(tmp_path):
    command = {"bot": "reference", "profile": "smoke", "scenarios": "failed"}
    failed = {"h1": ["sigterm"], "h2": ["sigterm", "sigint"]}
    store(compile_command(**command, failed=failed), tmp_path / WHERE["run_id"])

    plans = {
        host: compile_plan(**command, **{**WHERE, "host": host}, results_dir=tmp_path) for host in failed
    }

    skips = {host: {item["id"]: item["skip"] for item in plan["scenarios"]} for host, plan in plans.items()}
    assert skips["h2"] == {"baseline": None, "sigterm": None, "sigint": None}
    enable = "name it: -e scenarios=sigint"
    left_out = {"reason": "it did not fail on this host last time", "enable": enable}
    assert skips["h1"] == {"baseline": None, "sigterm": None, "sigint": left_out}
    assert not any("only_on" in item for plan in plans.values() for item in plan["scenarios"])
    assert compile_plan(**command, **{**WHERE, "host": "h1"}, failed=failed) == plans["h1"]


@pytest.mark.parametrize("name", ["run_id", "host", "stress_dir", "user", "copy", "python"])
@pytest.mark.parametrize("value", [None, "", 5])
def test_a_caller_that_knows_too_little_is_told_so(name, value):
    with pytest.raises(UserError, match=f"`{name}` is"):
        compile_plan(bot="reference", profile="smoke", scenarios="all", **{**WHERE, name: value})


def test_nothing_asked_for_is_the_reference_bot_in_short():
    compiled = compile_command(None, "", None)
    assert (compiled.asked.bot, compiled.asked.profile, compiled.ids[0]) == ("reference", "smoke", "baseline")


def test_a_bot_that_keeps_a_log_for_each_start_is_started_until_it_must_show_it(catalogue):
    catalogue.bot(("memory_mb: 100", "logs: {run: {per_start: run-*.log, backups: 9}}"))
    catalogue.steps(
        """
        - repeat:
            times: 3
            up_to: 5
            steps: [start: {max_cycles: 2}, wait: {until: exit}]
        - expect: [state_valid]
        """
    )
    compiled = catalogue.compiled()
    assert {**compiled["steps"][0]["args"], "steps": []} == {"times": 3, "up_to": 11, "steps": []}


PAGES = """id: pages
row: "5"
title: T
steps:
  - start: {max_cycles: 3}
  - wait: {until: exit, may_end: true}
  - probe: all
  - expect: [state_valid]
"""


def test_all_pages_are_requested_and_a_bot_without_any_needs_none(catalogue):
    catalogue.write("scenarios/pages.yml", PAGES)
    assert [step["verb"] for step in catalogue.compiled("pages")["steps"]] == ["start", "wait"]
    catalogue.bot(("memory_mb: 100", 'web: {factory: "a:b", pages: {board: /board, risk: /risk}}'))
    steps = catalogue.compiled("pages")["steps"]
    assert [step["args"]["path"] for step in steps if step["verb"] == "probe"] == ["/board", "/risk"]


def test_a_bot_that_a_signal_ends_may_have_ended_before_where_that_is_said(catalogue):
    catalogue.write("scenarios/pages.yml", PAGES)
    catalogue.bot(
        ("  max_cycles: {variable: CYCLES, type: integer}\n", ""),
        ("memory_mb: 100", "ended_by: {signal: TERM, after: 0.3s}"),
    )
    _, wait, signal = catalogue.compiled("pages")["steps"]
    assert (wait["verb"], wait["args"]["may_end"]) == ("wait", True)
    assert (signal["verb"], signal["args"]["may_end"]) == ("signal", True)


EACH = """
- start: {max_cycles: 2}
- wait: {until: exit}
- for_each:
    file: %s
    steps:
      - fault: {corrupt: {file: "{{ file }}", text: "{{ words }}"}}
      - start: {max_cycles: 2}
      - wait: {until: exit}
- expect: [state_valid]
"""


@pytest.mark.parametrize(("which", "roles"), [("document", ["ledger", "health"]), ("backup", ["ledger"])])
def test_steps_are_done_for_each_file_whatever_its_role_is(catalogue, which, roles):
    catalogue.steps(EACH % which, parameters="{words: nothing}")
    steps = catalogue.compiled()["steps"][2]["args"]["steps"]
    assert [step["verb"] for step in steps] == ["fault", "start", "wait"] * len(roles)
    assert [step["args"]["args"]["file"] for step in steps if step["verb"] == "fault"] == roles
    assert steps[0]["args"]["args"]["text"] == "nothing"


def test_a_file_that_the_bot_does_not_rewrite_is_left_alone(catalogue):
    """Nobody would put right what we have broken."""
    catalogue.bot(
        ("health: {path: health.json, rewritten: cycle}", "health: {path: health.json, rewritten: never}")
    )
    catalogue.steps(EACH % "document", parameters="{words: nothing}")
    assert catalogue.compiled()["steps"][2]["args"]["steps"][0]["args"]["args"]["file"] == "ledger"
    assert len(catalogue.compiled()["steps"][2]["args"]["steps"]) == 3


SILENT = """
- start: {max_cycles: 2}
- wait: {until: exit}
- unless_logged:
    - start: {max_cycles: 2}
    - wait: {until: exit}
- expect: [state_valid]
"""


def test_a_bot_with_an_exchange_is_made_to_log_something(catalogue):
    catalogue.steps(SILENT)
    assert [step["verb"] for step in catalogue.compiled()["steps"]] == ["start", "wait"]
    companion = "companions: [{name: market, argv: [m], ready_file: m}]\nexchange: {companion: market}"
    catalogue.bot(("memory_mb: 100", companion))
    assert breaches(catalogue.plan()) == []
    last = catalogue.compiled()["steps"][2]
    assert (last["verb"], [step["verb"] for step in last["args"]["steps"]]) == (
        "unless_logged",
        ["start", "wait"],
    )


OUTAGE = """
- start: {max_cycles: unlimited}
- with_exchange:
    - wait: {until: {more_cycles: 2}}
- wait: {until: {samples: 2}}
- signal: TERM
- expect: [state_valid]
"""


def test_a_bot_without_an_exchange_does_without_the_steps_that_need_one(catalogue):
    catalogue.steps(OUTAGE)
    without = catalogue.compiled()["steps"]
    assert [step["verb"] for step in without] == ["start", "wait", "signal"]
    assert (without[1]["args"]["until"], without[1]["args"]["cycles"]) == ("samples", 2)
    companion = "companions: [{name: market, argv: [m], ready_file: m}]\nexchange: {companion: market}"
    catalogue.bot(("memory_mb: 100", companion))
    assert breaches(catalogue.plan()) == []
    assert [step["verb"] for step in catalogue.compiled()["steps"]] == ["start", "wait", "wait", "signal"]
