"""Faults held open by hand on a host, outside of any run: one file each, their records, and their leases."""
