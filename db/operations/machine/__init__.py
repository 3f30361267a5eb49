"""This machine: its clock, and its disk."""
