"""Does a quantity keep growing? Pure statistics over times and values, of the standard library alone.

Imports nothing but its own. The way in is ``assess.assess``, the way out a ``verdict.Trend``.
"""
