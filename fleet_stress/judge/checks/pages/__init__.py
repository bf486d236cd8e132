"""Checks of the bot's web pages. Each imports the protocol, readings and judge.case."""
