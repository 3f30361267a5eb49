"""The tables. Only modules of `db` query them; the others get values."""

from db.models.accounts import ROLES, Account, AccountRole, ApiToken, SignInLink
from db.models.base import Table, database, tuples
from db.models.broadcasts import (
    LANE_DRILL,
    LANE_NORMAL,
    LANE_URGENT,
    Attempt,
    Broadcast,
    BroadcastText,
    Message,
    Part,
    Report,
)
from db.models.house import AuditEntry, DirectoryEntry, Heartbeat, Modem, Zone
from db.models.people import CHANNELS, LANGUAGES, MEMBER_ROLES, Consent, Member, Neighbourhood

TABLES: tuple[type[Table], ...] = (
    Zone,
    DirectoryEntry,
    Neighbourhood,
    Member,
    Consent,
    Account,
    AccountRole,
    SignInLink,
    ApiToken,
    Broadcast,
    BroadcastText,
    Message,
    Part,
    Attempt,
    Report,
    Modem,
    Heartbeat,
    AuditEntry,
)

__all__ = [
    "CHANNELS",
    "LANE_DRILL",
    "LANE_NORMAL",
    "LANE_URGENT",
    "LANGUAGES",
    "MEMBER_ROLES",
    "ROLES",
    "TABLES",
    "Account",
    "AccountRole",
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "Broadcast",
    "BroadcastText",
    "Consent",
    "DirectoryEntry",
    "Heartbeat",
    "Member",
    "Message",
    "Modem",
    "Neighbourhood",
    "Part",
    "Report",
    "SignInLink",
    "Table",
    "Zone",
    "database",
    "tuples",
]
