"""Visiting every point of a cycle at which something can go wrong with the disk.

A *recording* runs the bot on the faulty file system without rules. ``operations.py`` reads what it logged,
``classes.py`` finds the operations of a steady cycle and their classes, ``points.py`` makes a point of each class and
each answer of the scenario, and ``equal_disks.py`` finds those that leave equal disks: one visit represents them all.
``visits.py`` then runs each visit in a small arena of its own, as a scenario like any other (``visit_scenario.py``);
``judge/visit_outcomes.py`` judges it from the evidence of that visit alone.
"""
