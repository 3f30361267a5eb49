"""Follow an alert, correct it, end it, and look back at it."""
