"""Tests of `base.watchdog`."""
