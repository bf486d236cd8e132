"""Checks of the bot's logs and of what it leaves in its folders. Each imports the protocol, readings and judge.case."""
