"""The files, tables and the page for people and programs.

Imports results, runs, planning, catalogue, untrusted, messages.
"""
