"""Write, check and confirm an alert."""
