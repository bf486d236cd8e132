"""What runs found: gathered, compared, merged. Imports runs, catalogue, untrusted, messages."""
