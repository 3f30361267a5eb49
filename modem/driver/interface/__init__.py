"""The interface that every driver offers to the daemon."""
