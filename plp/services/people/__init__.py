"""People: members saved by hand, and lists of members from files."""
