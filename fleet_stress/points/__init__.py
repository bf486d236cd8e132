"""Visiting every point of a cycle at which something can go wrong with the disk.

A *recording* runs the bot on the faulty file system without rules. ``operations.py`` reads what it logged,
``classes.py`` finds the operations of a steady cycle and their classes, ``plan.py`` makes a point of each class and
each answer of the scenario, and ``disks.py`` tells which of them leave the very same disk: one visit stands for all.
``visits.py`` then goes to each in a small arena of its own, a scenario like any other (``scenario.py``); ``judged.py``
says what came of it, from the evidence of each visit alone.
"""
