"""Incidents: alerts that are open, and the people whom no SMS of theirs reaches."""
