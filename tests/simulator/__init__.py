"""The simulated modem of `tests.simulator.base` with all that can happen to one: kinds of modem (`profiles/`), faults
(`mishaps.csv`), transcripts that are played, and a socket over which the world around it is changed.

`python -m modem.sim` uses it in a checkout; `--help` lists profiles and faults.
"""
