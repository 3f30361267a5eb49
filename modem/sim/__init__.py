"""SimModem: a GSM modem and a network that exist only in memory, for any program to drive over a pty.

This is the one kind of modem that a demonstration needs, and nothing fails in it. `tests/simulator` has another on the
same pty, with kinds of modem, faults, transcripts and a control socket: in a checkout `python -m modem.sim` is that.
Decision: docs/adr/0080.
"""
