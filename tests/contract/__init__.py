"""One contract that every fault keeps on every system: really on Linux, and on a Mac made of doubles.

``worlds.py`` is where (the labels say which of the two is real), ``experiments.py`` what a fault is tried with, one a
fault, ``driver.py`` the process that it happens in, ``test_contract.py`` what is promised, ``table.py`` what that comes
to.
"""
