"""A scenario's steps in the form that a host reads: what the scenario says in, what the plan says out.

A file a family of verbs; ``compile_steps`` brings them together. What cannot work is refused before a host is touched.
"""
