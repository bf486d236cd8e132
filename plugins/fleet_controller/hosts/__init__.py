"""Which hosts, whether they may be used, and what is brought to them. Imports catalogue, untrusted, messages."""
