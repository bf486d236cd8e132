"""Code that also runs inside a bot's own Python: Python 3.8 or newer, the standard library alone.

``shim.py`` copies this folder to a place that the bot can read. It imports nothing of fleet_stress but itself.
"""
