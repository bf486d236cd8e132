"""Visiting every point of a cycle at which something can go wrong with the disk.

A *recording* runs the bot on the faulty file system without rules. ``operations.py`` reads what it logged,
``classes.py`` finds the operations of a steady cycle and their classes, ``points.py`` makes a point of each class and
each answer of the scenario, and ``equal_disks.py`` tells which of them leave the very same disk: one visit stands for
all.
``visits.py`` then goes to each in a small arena of its own, a scenario like any other (``visit_scenario.py``);
``judge/visit_outcomes.py`` says what came of it, from the evidence of each visit alone.
"""
