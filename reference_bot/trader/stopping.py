"""Being asked to stop. The handler only takes note; the bot looks when it is safe to."""

import os
import select
import signal


class Stopping:
    """Remembers that SIGTERM or SIGINT came, and wakes a sleeper at once.

    A flag alone would not do: Python takes a sleep up again after the handler has returned (PEP 475). A
    ``threading.Event`` would: but to set it in a handler while the same thread is about to wait for it can
    lock up. So the interpreter itself writes a byte to a pipe for each signal, and a sleep watches the pipe.
    """

    _SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self.asked = False
        self._reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in self._SIGNALS:
            signal.signal(number, self._take_note)

    def _take_note(self, *_: object) -> None:
        self.asked = True

    def sleep(self, seconds: float) -> None:
        """Sleep, or return as soon as we are asked to stop."""
        select.select([self._reading], [], [], seconds)

    def over(self) -> None:
        """All is saved. While the interpreter winds up it has no handlers: a late signal would kill it."""
        for number in self._SIGNALS:
            signal.signal(number, signal.SIG_IGN)
