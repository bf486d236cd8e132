"""What several checks read out of the evidence: outages, probes, output, samples.

Imports judge.case, judge.roles, judge.trend, observe, store.
"""
