"""What runs in a bot's own Python to tell of its memory: 3.8 or newer, and imports nothing that is not built in."""
