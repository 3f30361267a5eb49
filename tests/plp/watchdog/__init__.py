"""Tests of `plp.watchdog`."""
