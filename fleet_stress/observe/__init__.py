"""Observes a bot and writes what it sees into the evidence; judges nothing. Imports system and store."""
