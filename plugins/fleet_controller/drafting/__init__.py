"""A first bot profile, from a look at the bot's folder and at a watched start. Imports untrusted and messages."""
