"""What is stored, and every query. Knows none of the other packages."""
