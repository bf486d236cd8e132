"""Faults of disks, folders and files, and what they share."""
