"""The table, as a person sees it at one, four, twelve and three hundred hosts."""

import pytest
from fleet_controller.report.run_table import table

FAILED = ("failed", "start 2 exited 1")


def hosts(count):
    return [f"host{number:02d}.example.org" for number in range(1, count + 1)]


def test_one_host_is_a_line_a_scenario(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=FAILED)
    lines = table(run.collect(), "results/x").splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["verdict", "row", "scenario", "seconds", "why"],
        ["passed", "0", "baseline", "4.2"],
        ["passed", "1.3A", "corrupt_state", "4.2"],
        ["failed", "3.3", "sigkill_restart", "4.2", "start", "2", "exited", "1"],
    ]
    assert lines[4] == "2 passed, 1 failed on 1 host"
    assert lines[5] == "results: results/x (index.html, results.json, junit.xml, summary.md, …)"
    assert lines[6] == "page:    results/x/index.html"
    assert lines[7].startswith("again:   ansible-playbook stress.yml -l h1 ")
    assert lines[7].endswith(" -e scenarios=sigkill_restart")
    assert len(lines) == 8


def test_what_to_change_in_the_bot_is_said_in_a_sentence(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=FAILED)
    results = run.collect()
    results["causes"][0]["check"] = "exit_code"
    [line] = [line for line in table(results, "results/x").splitlines() if line.startswith("fix:")]
    assert line.startswith("fix:     sigkill_restart: Decide in one place what the process ends with")
    assert line.count(". ") == 0


def test_what_skips_many_rows_is_said_at_the_first(run):
    run.begin("h1")
    run.comes_back("h1", corrupt_state=("skipped", "no state"), sigkill_restart=("skipped", "no state"))
    lines = [line.split() for line in table(run.collect(), "results/x").splitlines()]
    assert ["skipped", "1.3A", "corrupt_state", "0.0", "no", "state"] in lines
    assert ["skipped", "3.3", "sigkill_restart", "0.0", "as", "1.3A"] in lines


def test_four_hosts_are_columns_with_whole_words(run):
    run.begin(*"abcd")
    for name in "abc":
        run.comes_back(name, corrupt_state=("skipped", "no state"))
    run.comes_back("d", sigkill_restart=("not_exercised", "the fault did not bite"))
    lines = [line.split() for line in table(run.collect(), "results/x").splitlines()]
    assert lines[0] == ["row", "scenario", "a", "b", "c", "d"]
    assert lines[2] == ["1.3A", "corrupt_state", "skipped", "skipped", "skipped", "passed"]
    assert lines[3] == ["3.3", "sigkill_restart", "passed", "passed", "passed", "not_exercised"]
    assert ["skipped", "1.3A", "corrupt_state", "a,", "b,", "c", "no", "state"] in lines, "told once for all"


def test_ten_hosts_still_are_columns_with_short_words(run):
    names = hosts(10)
    run.begin(*names)
    for name in names:
        run.comes_back(name, sigkill_restart=FAILED)
    text = table(run.collect(), "results/x")
    assert "sigkill_restart FAIL" in text
    assert "n/e = not_exercised" in text
    assert "host01.example.org, host02.example.org," in text, "names are whole somewhere"


@pytest.mark.parametrize("count", [11, 12, 300])
def test_more_hosts_are_counts_and_what_did_not_pass(run, count):
    names = hosts(count)
    run.begin(*names)
    for name in names[1:]:
        run.comes_back(name)
    run.comes_back(names[0], sigkill_restart=FAILED)
    text = table(run.collect(), "results/x")
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["host", "passed", "failed", "not_exercised", "skipped", "error"]
    assert lines[1] == [names[0], "2", "1", "-", "-", "-"], "the worst comes first"
    assert ["failed", "3.3", "sigkill_restart", names[0], "start", "2", "exited", "1"] in lines
    assert f"{3 * count - 1} passed, 1 failed on {count} hosts" in text
    assert len(lines) < 40


def test_hosts_that_were_lost_are_told_of_once_each(run):
    run.begin("a", "b")
    run.comes_back("a")
    lines = table(run.collect({"b": "UNREACHABLE: no route to host"}), "results/x").splitlines()
    assert "b: not run (3 rows): UNREACHABLE: no route to host" in lines
    assert sum("no route to host" in line for line in lines) == 1
    assert [line for line in lines if line.startswith("again:")] == [
        "again:   ansible-playbook stress.yml -l b -e bot=reference -e bot_source=https://x.org/b.git"
        " -e bot_ref=v1 -e profile=smoke -e scenarios=all"
    ]


REFUSED = """{0} cannot be used, and was left as it was (1 problem):
1. that folder cannot be ours: /etc belongs to the system
   where: stress_dir /etc/x
   why:   everything below stress_dir may be deleted by us
   do:    name a folder of its own, such as /var/lib/fleet-stress"""


def test_a_host_that_never_ran_is_one_line_whatever_it_was_asked(run):
    run.begin("lab01")
    busy = (
        "host is busy: run r1 of bot reference (pid 7) started noon. Wait for it (add -e wait=10m), or end it"
    )
    lines = table(run.collect({"lab01": busy}), "results/x").splitlines()
    assert lines[:2] == [f"lab01: not run (3 rows): {busy}", "nothing was run; 1 host not run: lab01"]
    assert sum("busy" in line for line in lines) == 1


def test_hosts_that_did_not_run_for_the_same_reason_are_one_line(run):
    names = ["lab01", "lab02", "lab03"]
    run.begin(*names)
    run.comes_back("lab03")
    refused = {name: REFUSED.format(name) for name in names[:2]}
    lines = table(run.collect(refused), "results/x", width=300).splitlines()
    assert lines[0].split() == ["row", "scenario", "lab03"], "columns are for those that ran"
    assert (
        "lab01, lab02: not run (3 rows): that folder cannot be ours: /etc belongs to the system;"
        " do: name a folder of its own, such as /var/lib/fleet-stress"
    ) in lines
    assert "3 passed on 1 host; 2 hosts not run: lab01, lab02" in lines


def test_what_else_is_wrong_with_a_host_is_said(run):
    run.begin("h1")
    stopped = {"by": "SIGTERM", "at": "2026-11-24T14:12:20+00:00"}
    run.comes_back("h1", changes={"stopped": stopped, "leftovers": [{"kind": "undo", "what": "mount /x"}]})
    text = table(run.collect(verify={"h1": ["a process lives"]}), "results/x")
    for line in ("left behind: mount /x", "found afterwards: a process lives", "stopped early, by SIGTERM"):
        assert f"h1: {line}" in text.splitlines()


def test_five_commands_and_each_scenario_before_any_comes_again(run):
    run.begin(*"abcd")
    for name in "abcd":
        run.comes_back(name, sigkill_restart=FAILED, corrupt_state=("error", "the arena died"))
    lines = table(run.collect(), "results/x").splitlines()
    again = [(line.split()[4], line.rpartition("=")[2]) for line in lines if line.startswith("again:")]
    assert again == [
        ("a,b,c,d", "failed"),
        ("a", "sigkill_restart"),
        ("a", "corrupt_state"),
        ("b", "sigkill_restart"),
        ("b", "corrupt_state"),
        ("c", "sigkill_restart"),
    ]
    assert lines[-1] == "         … and 3 more, in results.json under `repeat`"


def test_no_host_at_all(run):
    run.begin()
    assert table(run.collect(), "results/x").splitlines()[-3] == "nothing was run"


@pytest.mark.parametrize("count", [1, 4, 12])
def test_no_text_of_a_host_reaches_the_terminal_as_it_is(run, count):
    names = hosts(count)
    run.begin(*names)
    for name in names:
        hostile = "[red]\x1b]0;owned\x07\r\n\x9b2J\u202e :boom: " + "long " * 5_000
        run.comes_back(name, sigkill_restart=("failed", hostile))
    text = table(run.collect(), "results/x")
    assert not [item for item in text if not item.isprintable() and item != "\n"]
    assert "[red]\\x1b]0;owned\\x07\\x0d" in "".join(text.split())
    assert len(text.splitlines()) < 40


def test_colour_only_where_it_is_asked_for(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=FAILED)
    assert "\x1b[31mfailed" in table(run.collect(), "results/x", colour=True)
    assert "\x1b" not in table(run.collect(), "results/x")


@pytest.mark.parametrize("width", [60, 100, 180])
def test_it_keeps_to_the_width_but_for_commands(run, width):
    run.begin("a", "b")
    for name in "ab":
        run.comes_back(name, sigkill_restart=("failed", "word " * 100))
    lines = table(run.collect(), "results/x", width=width).splitlines()
    assert all(len(line) <= width for line in lines if not line.startswith(("again:", "results:")))
