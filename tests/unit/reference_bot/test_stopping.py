"""SIGTERM and SIGINT at moments that the rows 3.1 and 3.2, which it passes, do not choose."""

import signal

import pytest

SIGNALS = [signal.SIGTERM, signal.SIGINT]

#: Longer than any test waits: a bot that sleeps to the end of it fails.
FOR_EVER = 100_000

#: The real program, and one line that happens inside it.
INSIDE = """
import os, runpy, signal, sys
{line}
sys.path.insert(0, "")
runpy.run_path("main.py", run_name="__main__")
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_it_is_still_importing_finds_its_handler(bot, read, number):
    line = (
        "sys.addaudithook(lambda event, args: event == 'import' and args[0] == 'trader.bot'"
        f" and os.kill(os.getpid(), {int(number)}))"
    )

    assert bot.run(program=("-c", INSIDE.format(line=line)), interval=FOR_EVER) == 0

    assert bot.stderr() == ""
    assert read(bot.health)["cycles_completed"] == 0
    assert read(bot.health)["status"] == "stopped"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_after_all_is_said_and_done_changes_nothing(bot, number):
    # Objects of the main module go when the interpreter is winding up, long after the handlers.
    line = (
        "class Last:\n"
        f"    def __del__(self, kill=os.kill, me=os.getpid()): kill(me, {int(number)})\n"
        "last = Last()"
    )

    bot.run_well(cycles=1, program=("-c", INSIDE.format(line=line)))


def test_many_signals_are_one(bot, finish):
    process = bot.start(interval=FOR_EVER)
    bot.wait_for_cycle(1)

    for _ in range(100):
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)

    assert finish(process) == 0
    assert bot.stderr() == ""
