"""Backups are made, kept up to the minute, tried, and put back."""
