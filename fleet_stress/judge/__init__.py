"""Stored evidence to a verdict: pure functions that never look at the host.

Imports observe (how to read a bot's files) and store.
"""
