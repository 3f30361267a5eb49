"""Calls of people on duty, one after the other, until one answers or opens what they are called about."""
