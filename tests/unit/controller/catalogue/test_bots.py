"""Bot profiles: what is filled in, and what is refused."""

import pytest
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError


def refusal(catalogue, *changes):
    catalogue.bot(*changes)
    return catalogue.refusal()


def test_what_a_profile_leaves_out_is_filled_in(catalogue):
    bot = load_bot(catalogue.project, "tiny").value
    assert bot["exit_codes"] == {"finished": [0], "terminated": [0], "interrupted": [0]}
    assert bot["requirements"] == {"files": [], "packages": [], "constraints": [], "leave_out": []}
    assert bot["temporary_files"] == ["*.tmp", "*.tmp.*"]
    assert bot["settings"]["scan_interval"] == {"variable": "INTERVAL", "minimum": 0.5, "type": "number"}
    assert bot["state"]["health"] == {
        "path": "health.json",
        "format": "json",
        "required": True,
        "rewritten": "cycle",
        "never_back": [],
    }
    assert (bot["companions"], bot["logs"], bot["overlay"], bot["source"]) == ([], {}, {}, "")


def test_durations_are_seconds_and_the_environment_is_text(catalogue):
    bot = load_bot(catalogue.project, "tiny").value
    assert (bot["stop_within"], bot["first_cycle_within"]) == (5.0, 60.0)
    assert bot["environment"] == {"STATE_DIR": "${state_dir}", "ROUNDS": "3", "LOUD": "true"}


def test_only_the_project_folder_is_worked_out(catalogue):
    catalogue.bot(("title: A bot of few words", 'title: T\nsource: "{{ project_dir }}/bots"'))
    assert load_bot(catalogue.project, "tiny").value["source"] == f"{catalogue.root}/bots"


def test_a_profile_may_lie_anywhere(catalogue, tmp_path):
    mine = tmp_path / "elsewhere/mine.yml"
    mine.parent.mkdir()
    text = (catalogue.root / "bots/tiny.yml").read_text(encoding="utf-8")
    mine.write_text(text.replace("name: tiny", "name: mine"), encoding="utf-8")
    at_home = Project(catalogue.root, relative_to=mine.parent)
    assert load_bot(catalogue.project, str(mine)).value["name"] == "mine"
    assert load_bot(at_home, "./mine.yml").value["name"] == "mine"
    assert load_bot(at_home, "mine.yml").document.shown == "elsewhere/mine.yml"


@pytest.mark.parametrize(
    ("asked", "what", "do"),
    [
        ("tinny", "unknown bot `tinny`", "did you mean `tiny`?"),
        ("x/tiny.yml", "there is no bot profile {root}/x/tiny.yml", "correct the path"),
        ("../../etc", "there is no bot profile {above}/etc", "correct the path"),
        ("\0.yml", "there is no bot profile {root}/\0.yml", "correct the path"),
    ],
)
def test_an_unknown_bot(catalogue, asked, what, do):
    told = catalogue.refusal(bot=asked)
    above = catalogue.root.parent.parent
    assert told == "\n".join(
        [
            what.format(root=catalogue.root, above=above),
            "   where: bot",
            "   why:   there is: tiny, or a path to a YAML file",
            f"   do:    {do}",
        ]
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "stop_within: 5s",
            "stop_wihtin: 5s",
            "unknown key `stop_wihtin`\n   where: bots/tiny.yml:12: stop_wihtin",
        ),
        (
            "stop_within: 5s",
            "stop_within: quick",
            'the text "quick" does not belong here\n   where: bots/tiny.yml:12: stop_within\n'
            "   why:   it has to be a duration: 2s, 0.5s, 10m, 6h or a number of seconds",
        ),
        (
            "cpu_share: 0.25",
            "cpu_share: 0",
            "the value 0 does not belong here\n   where: bots/tiny.yml:15: cpu_share\n"
            "   why:   it has to be a number (more than 0)",
        ),
        (
            "type: integer",
            "type: integr",
            "unknown word `integr`\n   where: bots/tiny.yml:7: settings.max_cycles.type\n"
            "   why:   there is: number, integer\n   do:    did you mean `integer`?",
        ),
        (
            "file: health",
            "file: helth",
            "unknown role `helth`\n   where: bots/tiny.yml:8: cycle.file\n"
            "   why:   there is: ledger, health\n   do:    did you mean `health`?",
        ),
        (
            "${state_dir}",
            "${state_dri}",
            "unknown placeholder `${state_dri}`\n   where: bots/tiny.yml:4: environment.STATE_DIR\n"
            "   why:   there is: python, bot_dir, state_dir, log_dir, home_dir, tmp_dir, listen, outside,"
            " scan_interval, max_cycles\n   do:    did you mean `state_dir`?",
        ),
        (
            "memory_mb: 100",
            "logs:\n  ledger: {path: x}",
            "the role `ledger` is in `state` as well\n   where: bots/tiny.yml:17: logs.ledger",
        ),
        (
            "memory_mb: 100",
            'logs:\n  old: {path: "bot.log.*"}',
            "`bot.log.*` is a pattern\n   where: bots/tiny.yml:17: logs.old.path\n"
            "   why:   a role means one file, whose name is taken as it stands\n"
            "   do:    name the file that the bot writes, or leave it out if its name changes",
        ),
        (
            "memory_mb: 100",
            "overlay: {sub/main.py: x}",
            'the text "sub/main.py" does not belong here\n   where: bots/tiny.yml:16: overlay.sub/main.py\n'
            "   why:   it has to be a relative path of a configuration file (never .py)",
        ),
        ("name: tiny", "name: tny", "`tny` is not the file's name\n   where: bots/tiny.yml:1: name"),
        (
            "rewritten: cycle, never",
            "never",
            "`rewritten` is missing\n   where: bots/tiny.yml:10: state.ledger",
        ),
        ("memory_mb: 100", "title: Again", "the key `title` is there twice\n   where: bots/tiny.yml:16"),
        ("{STATE_DIR", "{STATE-DIR: x, STATE_DIR", 'the text "STATE-DIR" does not belong here'),
        (
            "{file: health, field: cycles}",
            '{file: health, line: "round ("}',
            "`round (` is no regular expression\n   where: bots/tiny.yml:8: cycle.line",
        ),
        (
            "memory_mb: 100",
            'second_instance: {says: "another ("}',
            "`another (` is no regular expression\n   where: bots/tiny.yml:16: second_instance.says",
        ),
        ("memory_mb: 100", "second_instance: {exit_codes: [0]}", "the value 0 does not belong here"),
        (
            "{file: health, field: cycles}",
            "{file: stdout, field: cycles}",
            "unknown role `stdout`\n   where: bots/tiny.yml:8: cycle.file\n"
            "   why:   there is: ledger, health",
        ),
        (
            "{file: health, field: cycles}",
            "{file: stdrr, line: over}",
            "unknown role `stdrr`\n   where: bots/tiny.yml:8: cycle.file\n"
            "   why:   there is: ledger, health, stdout, stderr\n   do:    did you mean `stderr`?",
        ),
        (
            "backup: ledger.bak, rewritten",
            "format: sqlite, numbers: {order: SELECT 1}, rewritten",
            "unknown number `orders`\n   where: bots/tiny.yml:10: state.ledger.never_back.1\n"
            "   why:   there is: order\n   do:    did you mean `order`?",
        ),
        (
            "backup: ledger.bak, rewritten",
            "numbers: {orders: SELECT 1}, rewritten",
            "`numbers` asks nobody\n   where: bots/tiny.yml:10: state.ledger.numbers\n"
            "   why:   the format of `ledger` is json",
        ),
        (
            "memory_mb: 100",
            "ended_by: {signal: TERM}",
            "`ended_by` ends nothing\n   where: bots/tiny.yml:16: ended_by\n"
            "   why:   a bot that has the setting max_cycles ends by itself",
        ),
    ],
)
def test_a_mistake_in_a_profile(catalogue, old, new, told):
    assert refusal(catalogue, (old, new)).startswith(told)


def test_a_companion_speaks_by_its_ready_file_and_only_to_the_bot(catalogue):
    companion = 'companions: [{name: market, argv: ["${python}", m.py, "%s"], ready_file: "${tmp_dir}/m"}]'
    catalogue.bot(("ROUNDS: 3", 'MARKET: "${market.ready}"'), ("memory_mb: 100", companion % "${tmp_dir}"))
    assert load_bot(catalogue.project, "tiny").value["companions"][0]["environment"] == {}
    catalogue.bot(("memory_mb: 100", companion % "${market.ready}"))
    assert catalogue.refusal().startswith("unknown placeholder `${market.ready}`")


def test_a_program_of_a_companion_that_is_not_the_bots_travels_along(catalogue):
    companion = (
        'companions: [{name: market, program: m.py, argv: ["${python}", "${program}"], ready_file: m}]'
    )
    catalogue.write("bots/m.py", "print(1)\n")
    catalogue.bot(("memory_mb: 100", companion))
    [market] = load_bot(catalogue.project, "tiny").value["companions"]
    assert market["program"] == {"name": "m.py", "text": "print(1)\n"}

    catalogue.bot(("memory_mb: 100", companion.replace("program: m.py, ", "")))
    assert catalogue.refusal().startswith("unknown placeholder `${program}`")


def test_configuration_that_names_a_place_is_filled_in_by_the_arena(catalogue):
    overlay = "overlay: {a.json: '{\"folder\": \"${state_dir}\"}', b.ini: '${own}', c.ini: plain}"
    catalogue.bot(("memory_mb: 100", overlay))
    bot = load_bot(catalogue.project, "tiny").value
    assert list(bot["configuration"]) == ["a.json"]
    assert list(bot["overlay"]) == ["a.json", "b.ini", "c.ini"]


def test_two_companions_of_one_name(catalogue):
    one = "{name: market, argv: [m], ready_file: m}"
    told = refusal(catalogue, ("memory_mb: 100", f"companions:\n  - {one}\n  - {one}"))
    assert told.startswith("a second companion `market`\n   where: bots/tiny.yml:18: companions.2.name")


def test_a_profile_that_is_no_mapping(catalogue):
    catalogue.write("bots/tiny.yml", "- a\n")
    with pytest.raises(UserError, match="a list does not belong here"):
        load_bot(catalogue.project, "tiny")


def test_a_bot_that_is_ended_by_a_signal_finishes_with_the_codes_that_follow_it(catalogue):
    catalogue.bot(
        ("  max_cycles: {variable: CYCLES, type: integer}\n", ""),
        (
            "memory_mb: 100",
            "ended_by: {signal: INT, after: 1m}\nexit_codes: {terminated: [0], interrupted: [130]}",
        ),
    )
    bot = load_bot(catalogue.project, "tiny").value
    assert bot["exit_codes"] == {"finished": [130], "terminated": [0], "interrupted": [130]}
    assert bot["ended_by"] == {"signal": "INT", "after": 60.0}


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (None, None),
        ("{}", {"forced_by": {}}),
        ("{exit_codes: [3], forced_by: {TWICE: true}}", {"exit_codes": [3], "forced_by": {"TWICE": "true"}}),
    ],
)
def test_a_bot_may_say_that_it_refuses_a_second_one_and_what_forces_it(catalogue, said, known):
    if said:
        catalogue.bot(("memory_mb: 100", f"second_instance: {said}"))
    assert load_bot(catalogue.project, "tiny").value["second_instance"] == known


def test_a_bot_may_say_that_it_makes_up_no_data(catalogue):
    assert load_bot(catalogue.project, "tiny").value["own_data"]
    catalogue.bot(("memory_mb: 100", "data_source: none"))
    bot = load_bot(catalogue.project, "tiny").value
    assert (bot["data_source"], bot["own_data"]) == (None, False)


def test_a_setting_in_a_configuration_file_is_filled_in_by_the_arena(catalogue):
    catalogue.bot(
        ("{variable: INTERVAL, minimum: 0.5}", "{minimum: 0.5, default: 60}"),
        ("memory_mb: 100", "overlay: {a.json: 'every ${scan_interval}', b.json: plain}"),
    )
    bot = load_bot(catalogue.project, "tiny").value
    assert list(bot["configuration"]) == ["a.json"]
    assert bot["settings"]["scan_interval"] == {"minimum": 0.5, "default": 60, "type": "number"}


@pytest.mark.parametrize(
    ("key", "said", "told"),
    [
        ("signals_to", "worker", "unknown word `worker`"),
        ("daemon", "{pid_file: bot.pid}", "a path that begins with a placeholder"),
        ("daemon", '{pid_file: "${state}/bot.pid"}', "unknown placeholder `${state}`"),
        ("stopped_by", "{request: {url: 127.0.0.1/stop}}", "an address that begins with http:// or https://"),
        ("stopped_by", '{command: ["${pythn}", stop.py]}', "unknown placeholder `${pythn}`"),
    ],
)
def test_how_a_bot_is_stopped_is_checked(catalogue, key, said, told):
    catalogue.bot(("memory_mb: 100", f"{key}: {said}"))
    assert told in catalogue.refusal()


def test_a_bot_is_one_process_that_is_stopped_by_signals_unless_its_profile_says_otherwise(catalogue):
    bot = load_bot(catalogue.project, "tiny").value
    assert (bot["signals_to"], bot["daemon"], bot["stopped_by"]) == ("main", None, None)
