"""Members: the list, one person, and lists from files. Only admins see people's numbers here."""

from console.members import imports, leavers, pages
from console.members.blueprint import blueprint

__all__ = ["blueprint", "imports", "leavers", "pages"]
