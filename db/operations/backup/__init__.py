"""Backups: a copy of the database, packed with this machine's keys, kept in a place, and put back."""
