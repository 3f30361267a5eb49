"""Automatic answers to incoming SMS: each is read, and answered where the rules allow it."""
