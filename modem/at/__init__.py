"""AT commands, pure: bytes in, events out, and what the answers mean. No port, thread, clock or log."""
