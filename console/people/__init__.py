"""Pages about members, neighbourhoods, their groups and their coordinators."""
