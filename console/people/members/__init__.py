"""Members: the list, one person, and lists from files. Only admins see people's numbers here."""
