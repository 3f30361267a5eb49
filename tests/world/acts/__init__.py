"""What people do to the box, by the names of the plan's events."""
