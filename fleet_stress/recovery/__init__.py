"""How to undo, until when, and who does it when all else is dead. Imports system and store."""
