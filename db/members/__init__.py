"""Members, their neighbourhoods, their consent, and lists of them from files."""

from db.members.cards import ConsentCard, MemberCard, MemberPage, NeighbourhoodCard
from db.members.importing import ImportReport, RefusedRow, import_members
from db.members.listing import member, members, neighbourhoods
from db.members.saving import (
    FieldRefusal,
    MemberDraft,
    delete_member,
    delete_neighbourhood,
    save_member,
    save_neighbourhood,
)

__all__ = [
    "ConsentCard",
    "FieldRefusal",
    "ImportReport",
    "MemberCard",
    "MemberDraft",
    "MemberPage",
    "NeighbourhoodCard",
    "RefusedRow",
    "delete_member",
    "delete_neighbourhood",
    "import_members",
    "member",
    "members",
    "neighbourhoods",
    "save_member",
    "save_neighbourhood",
]
