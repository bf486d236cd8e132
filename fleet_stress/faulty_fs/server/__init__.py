"""The process that serves the file system: libfuse3, its nodes, its operations.

Imports power_cut, shipped, system, store.
"""
