"""A GSM modem in which nothing fails, for any client (V.250; 3GPP TS 27.005, 27.007), with its SIM and storages, and
the codec of its network.

It shares no code with the product's codec, engine or driver, so that a fault in one of them does not cancel out here.
`tests.simulator` adds kinds of modem, faults, transcripts and sockets to it.
"""
