"""From a queued part to its report: claim, marks, recovery."""
