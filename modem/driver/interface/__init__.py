"""What every driver offers to the daemon."""
