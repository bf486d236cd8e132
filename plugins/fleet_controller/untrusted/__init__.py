"""Bytes of a stranger or of a crash: bounded, and whole or not there. Imports messages."""
