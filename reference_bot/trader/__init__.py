"""The parts of the reference bot, one thing each."""
