"""SimModem: a GSM modem and a network that exist only in memory, for any program to drive over a pty.

It stands alone: it shares no code with the product's codec, engine or driver, so that a fault in one of them does not
cancel out here. `network` is the phone, its SIM and the network, without AT; `commands` the AT dialogue over it,
without port, thread or clock; `host` the pty and the control socket. Run it with `python -m modem.sim --link PATH --log
FILE.jsonl`; `--help` lists profiles and faults.
"""
