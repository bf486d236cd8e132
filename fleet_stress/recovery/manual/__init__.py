"""Held faults: active on a host outside of any run, because an operator wants it. Their records and leases."""
