"""Plugged-in hardware: USB devices as values, the verdict on every one, and its ttys that speak AT."""
