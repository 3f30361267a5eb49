"""Pages of an alert: write it, confirm it, follow it, look back at it."""
