"""Faults of the network and of what answers in it, and what they share."""
