"""Faults by a second process: another bot, a reader, a lock on the database."""
