"""The codes about people: languages, roles of accounts and of members."""

LANGUAGES = ("fr", "nl", "de", "en")
ROLES = ("officer", "technician", "admin", "coordinator")
MEMBER_ROLES = ("member", "coordinator")
