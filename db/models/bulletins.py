"""Bulletins to the coordinators, what is enclosed, and who relayed them to the neighbourhood."""

from typing import Any

from peewee import BlobField, BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.broadcasts import Broadcast
from db.models.people import Member, MemberGroup, Neighbourhood


class Bulletin(Table):
    """A text for the coordinators; without `sent_at` a draft. `alert` is the broadcast of a feedback or a longer
    version; `nonce` that of the form that made it; `version` counts changes: the one sent is the one that was seen.
    """

    nonce = TextField(unique=True)
    category = TextField()
    alert = ForeignKeyField(Broadcast, backref="bulletins", null=True, on_delete="SET NULL")
    everywhere = BooleanField(default=False)
    # JSON: language, title and body; the first one is for readers whose language is missing.
    texts = TextField()
    version = IntegerField(default=1)
    written_by = TextField()
    created_at = UtcField()
    changed_at = UtcField()
    sent_by = TextField(default="")
    sent_at = UtcField(null=True, index=True)


class BulletinPlace(Table):
    """A neighbourhood that it is for, unless it is for all of them."""

    bulletin = ForeignKeyField(Bulletin, backref="places", on_delete="CASCADE")
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
    bulletin_id: int
    neighbourhood_id: int

    class Meta:
        indexes = ((("bulletin", "neighbourhood"), True),)


class BulletinGroup(Table):
    """A group of members that gets it by mail."""

    bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
    group = ForeignKeyField(MemberGroup, on_delete="CASCADE")


class BulletinEnclosure(Table):
    """A picture or a PDF, without its metadata about the author."""

    bulletin = ForeignKeyField(Bulletin, backref="enclosures", on_delete="CASCADE")
    filename = TextField()
    media_type = TextField()
    size_bytes = IntegerField()
    content = BlobField()
    bulletin_id: int


class BulletinRelay(Table):
    """One reader who may pass it on: a coordinator or deputy. `relayed_how` is link, mail, officer or console; `owed`
    is the mail to write: first, nudge, or nothing. `at_reference`: it was for the neighbourhood's address from the
    start.
    """

    bulletin = ForeignKeyField(Bulletin, backref="relays", on_delete="CASCADE")
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="SET NULL")
    place = TextField()
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    deputy = BooleanField(default=False)
    created_at = UtcField()
    owed = TextField(default="first")
    nudged_at = UtcField(null=True)
    nudged_by = TextField(default="")
    nudges = IntegerField(default=0)
    relayed_at = UtcField(null=True)
    relayed_how = TextField(default="")
    relayed_by = TextField(default="")
    at_reference = BooleanField(null=True)
    # The group of members for which its reader got it; one that is gone is nobody's.
    group_id = IntegerField(null=True)
    bulletin_id: int
    neighbourhood_id: int | None
    title: str
    mail_id: int | None
    reachable: bool

    @property
    def name(self) -> str:
        return self.member.full_name if self.member is not None else ""

    @property
    def language(self) -> str:
        return self.member.language if self.member is not None else "fr"

    @property
    def sent_at(self) -> Any:
        return self.bulletin.sent_at


BulletinRelay.add_index(BulletinRelay.id, where=BulletinRelay.owed != "", name="bulletin_relay_owed")


class NeighbourhoodRelay(Table):
    """A neighbourhood's relaying: its deputy coordinator, and the address of its Google Group."""

    neighbourhood = ForeignKeyField(Neighbourhood, unique=True, on_delete="CASCADE")
    deputy = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    group_address = TextField(default="")
    neighbourhood_id: int
    deputy_id: int | None


class GroupProbe(Table):
    """A mail to a neighbourhood's Google Group; `arrived_at`: back in the zone's mailbox, a member of the group."""

    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
    address = TextField()
    asked_by = TextField()
    asked_at = UtcField()
    arrived_at = UtcField(null=True)

    @property
    def took_s(self) -> float | None:
        return (self.arrived_at - self.asked_at).total_seconds() if self.arrived_at else None


class SigningKey(Table):
    """A key that signs one kind of token, so that every host has it and a restored box accepts its links."""

    purpose = TextField(unique=True)
    key = TextField()
