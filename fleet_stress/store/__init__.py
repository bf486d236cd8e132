"""Our folder on a host, and what engine and controller agree on: verdicts, sizes, steps of a plan. Imports nothing."""
