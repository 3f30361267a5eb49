"""People: registrations from outside, and lists of members from files."""
