"""SimModem: a GSM modem and a network that exist only in memory, for any program to drive over a pty.

It shares no code with the product's codec, engine or driver, so that a fault in one of them does not cancel out here.
This is the one kind of modem that a demonstration needs, and nothing fails in it. Other kinds, faults, transcripts and
a control socket are added to it in `tests/simulator`; `python -m modem.sim` has them in a checkout.
"""
