"""Plugged-in hardware: USB devices as values, the verdict on each, and its ttys that speak AT."""
