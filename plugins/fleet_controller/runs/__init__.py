"""A run in progress and its folder: poll, fetch, the live screen. Imports planning, catalogue, untrusted, messages."""
