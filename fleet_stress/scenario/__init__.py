"""One scenario in its arena: steps, starts of the bot, crash points.

Imports faults, faulty_fs, observe, recovery, system, store; never judge.
"""
