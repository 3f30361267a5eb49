"""The simulated modem of `modem.sim` with all that can happen to a modem: kinds of modem (`profiles/`), faults
(`mishaps.csv`), transcripts that are played, and a socket over which the world around it is changed.

`python -m modem.sim` uses it in a checkout; `--help` lists profiles and faults.
"""
