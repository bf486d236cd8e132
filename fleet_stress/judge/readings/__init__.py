"""What several checks read out of the evidence: outages, probes, output, samples.

Imports judge.case, observe, store.
"""
