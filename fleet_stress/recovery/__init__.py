"""How to undo what was done, until when it may stay, and who undoes it when all else is dead.

Imports system and store.
"""
