"""The reference bot: a small, honest trading bot that keeps its word, so that a stress run has a measure.

    python main.py

All it needs to know comes by the environment (``trader/settings.py``). To read it, begin here and go on with
``trader/bot.py`` (what a cycle is), ``trader/storage.py`` (how state survives a crash) and
``trader/market.py`` (live prices, and what stands in for them). The rest explains itself.

A second bot on the same state folder refuses, says so, and exits with 3 (``trader/only_one.py``). Who knows what that
does to the folder and wants it all the same says ``ALLOW_SECOND_INSTANCE=1``.
"""

import sys

from trader.console import complain, hold_standard_numbers
from trader.stopping import Stopping

# Before anything else is opened: the next file must not get the number of standard output.
hold_standard_numbers()
# Before anything else is imported: a signal that comes early must find its handler.
stopping = Stopping()


def main() -> int:
    """Run to the last cycle or until asked to stop; the exit code is 0 either way.

    2 for bad settings, 3 where another bot runs on the same state folder.
    """
    from trader import only_one
    from trader.bot import Bot
    from trader.settings import Settings

    try:
        settings = Settings.from_environment()
    except ValueError as problem:
        print(f"main.py: {problem}", file=sys.stderr)
        return 2
    try:
        only_one.take(settings.state_dir)
    except only_one.Taken as problem:
        if not settings.allow_second_instance:
            complain(f"main.py: {problem}")
            return 3
    except OSError as problem:  # it cannot be told whether there is another; the disk may come back
        complain(f"main.py: started without a lock on its state folder: {problem}")
    Bot(settings).run(stopping)
    stopping.over()
    return 0


if __name__ == "__main__":
    sys.exit(main())
