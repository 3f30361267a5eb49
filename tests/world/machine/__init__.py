"""Machines: their processes, their clock, and what they share."""
