"""What speaks against using a host: judges what the probe for Python and ``stress_facts`` have seen.

Judgement over data that is already there: it costs no way to the host. ``stress_look`` calls it.
"""
