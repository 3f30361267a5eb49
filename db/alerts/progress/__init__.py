"""Progress of broadcasts: counts, timeline, history, report."""
