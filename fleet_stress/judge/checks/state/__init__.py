"""Checks of the bot's state files. Each imports the protocol, readings and judge.case."""
