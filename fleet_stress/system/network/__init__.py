"""Networks, listeners, name servers and relays that faults are made of. Imports system and store."""
