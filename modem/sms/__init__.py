"""Short messages, pure: which alphabet, how many parts, PDUs in and out. No port, thread, clock, database."""
