"""One plan on this host, from the hand-over to the archive: supervisor, schedule, capabilities, leftovers.

Imports every room below.
"""
