"""Members, their neighbourhoods, their consent, and lists of them from files."""

from db.members.cards import ConsentCard, MemberCard, MemberPage, NeighbourhoodCard
from db.members.importing import ImportReport, RefusedRow, import_members
from db.members.listing import member, members, neighbourhoods
from db.members.saving import (
    FieldRefusal,
    MemberDraft,
    Overtaken,
    delete_member,
    delete_neighbourhood,
    save_member,
    save_neighbourhood,
)
from db.members.welcome import (
    DueWelcome,
    DueWelcomeMail,
    due_welcome_mails,
    due_welcomes,
    mark_welcome_mailed,
    mark_welcomed,
)

__all__ = [
    "ConsentCard",
    "DueWelcome",
    "DueWelcomeMail",
    "FieldRefusal",
    "ImportReport",
    "MemberCard",
    "MemberDraft",
    "MemberPage",
    "NeighbourhoodCard",
    "Overtaken",
    "RefusedRow",
    "delete_member",
    "delete_neighbourhood",
    "due_welcome_mails",
    "due_welcomes",
    "import_members",
    "mark_welcome_mailed",
    "mark_welcomed",
    "member",
    "members",
    "neighbourhoods",
    "save_member",
    "save_neighbourhood",
]
