"""Progress of broadcasts: counts, history, report."""
