"""What the module ``stress_facts`` looks at on a host: the standard library alone, Python 3.9."""
