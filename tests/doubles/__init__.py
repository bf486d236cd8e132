"""Strict doubles of macOS's programs: for whoever changes the macOS side without having a Mac.

Each is a real program in a folder that ``programs.run`` searches first: it takes an argument vector as its manual
page defines it, keeps state in one file that all share (``state.py``), refuses what the real one refuses, and says what
the real one says. A double is one file with three things: a docstring that names its manual pages, ``run`` and ``left``
(what of it still stands, in words). Its name goes into ``DOUBLES`` in ``mac.py``. The fixture ``mac`` (``fixture.py``)
lets the engine be on macOS for one test, and fails the test if anything is left in the end.

What a double knows is what the manual page, or the named source, says. It was never compared with a real Mac.
"""
