"""A look at the bot from outside: reads its state files, never writes."""
