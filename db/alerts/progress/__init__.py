"""What became of a broadcast: counts, forecast, history, report."""
