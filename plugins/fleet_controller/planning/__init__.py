"""What was asked for, compiled to one plan a host. Imports catalogue, untrusted, messages."""
