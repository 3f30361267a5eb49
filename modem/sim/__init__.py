"""A GSM modem and a network that exist only in memory, on a pty; `tests/simulator` has another, with faults."""
