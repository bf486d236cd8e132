"""What also runs inside a bot's own Python: the standard library alone, Python 3.8.

Imports nothing of fleet_stress but itself.
"""
