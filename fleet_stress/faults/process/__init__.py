"""Faults of the bot as a process: processor, memory, descriptors, clock, modules, output."""
