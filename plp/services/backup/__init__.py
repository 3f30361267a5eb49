"""Backups are made, tried, and put back."""
