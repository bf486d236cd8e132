"""Our folder on a host, and what both sides agree on: verdicts, sizes, steps of a plan. Imports nothing."""
