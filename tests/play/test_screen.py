"""A real terminal around ansible-playbook: what is drawn while a run goes on, and what is left on it afterwards."""

import pytest

from .terminal import Terminal

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]


@pytest.fixture
def types(play):
    """Types a command into a terminal."""
    opened = []

    def types(*arguments, **variables):
        opened.append(Terminal(play.command(*arguments, **variables)))
        return opened[-1]

    yield types
    for item in opened:
        item.close()


def test_a_run_is_drawn_and_leaves_only_its_table(play, types):
    terminal = types(scenarios="sigterm,sigint")

    line = terminal.until(lambda line: "/3 " in line and ("sigterm: " in line or "sigint: " in line))
    assert line.startswith("here ━")
    assert terminal.until(lambda line: line.startswith("1 host; ") and " of 3 verdicts" in line)

    assert terminal.wait() == 0
    told = terminal.lines
    assert "3 passed on 1 host" in told
    assert not any("━" in line or "verdicts" in line for line in told), told
    assert not terminal.screen.cursor.hidden
    assert play.verdicts() == dict.fromkeys(["baseline", "sigterm", "sigint"], "passed")


def test_ctrl_c_says_what_goes_on_and_how_to_end_it(play, types):
    terminal = types(scenarios="rapid_restart", profile="standard")
    terminal.until(lambda line: "rapid_restart: " in line)

    terminal.press_ctrl_c()

    assert terminal.wait() == 99
    told = "\n".join(terminal.lines)
    assert "You stopped watching. The run goes on on 1 host (here)." in told
    assert not any("━" in line for line in terminal.lines), told
    assert not terminal.screen.cursor.hidden
    # What it says is true: the run goes on, and this ends it.
    assert "recover.yml" in told
    code, said = play.run("-e", "recover=force", playbook="playbooks/recover.yml")
    assert (code, "ended" in said) == (0, True), said


def test_a_failure_is_told_whole_above_the_picture(types):
    terminal = types(scenarios="sigtem")

    assert terminal.wait() == 2
    told = terminal.lines
    assert "failed: Compile the request" in told
    assert "      do:    did you mean `sigterm`?" in told


@pytest.mark.parametrize("how", [pytest.param(["-v"], marks=pytest.mark.long), []])
def test_without_a_picture_there_are_lines(play, how, monkeypatch):
    """With -v on a terminal, and where there is no terminal at all."""
    monkeypatch.setenv("FLEET_STRESS_PROGRESS", "lines")
    code, said = play.run(*how, scenarios="sigterm")
    assert code == 0, said
    assert "  here: passed 3.1 sigterm (" in said
    assert ("PLAY RECAP" in said) is (how == ["-v"])
