"""Orders of messages: planned once, taken by one function, approved, and followed by a correction or an end."""
