"""Scenarios, bots, profiles and schemas as they are written. Imports messages."""
