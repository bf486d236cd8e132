"""Checks of the bot as a process: exits, memory, pace. Each imports the protocol, readings and judge.case."""
