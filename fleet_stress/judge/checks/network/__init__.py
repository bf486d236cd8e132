"""Checks of the bot without its network. Each imports the protocol, readings and judge.case."""
