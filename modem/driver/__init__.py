"""I/O behind one protocol (`protocol.ModemDriver`)."""
