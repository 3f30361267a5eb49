"""Pages of drills: they differ from those of alerts in colour and words, and send in the same way."""
