"""What a person is told, and how it is laid out. Imports nothing."""
