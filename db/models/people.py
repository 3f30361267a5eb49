"""Members, their neighbourhoods and their consent."""

import json
from typing import Any

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.zone import DirectoryEntry
from rules.members import COLUMNS


class Neighbourhood(Table):
    """A quartier; members get its coordinator's `reference_address`. `station` and `officer` are useful numbers."""

    name = TextField(unique=True)
    position = IntegerField(default=0)
    reference_address = TextField(default="")
    station = ForeignKeyField(DirectoryEntry, null=True, backref="+", on_delete="SET NULL", index=False)
    officer = ForeignKeyField(DirectoryEntry, null=True, backref="+", on_delete="SET NULL", index=False)
    station_id: int | None
    officer_id: int | None

    class Meta:
        indexes = ((("position", "name"), False),)


class Member(Table):
    """A person of the partnership. Without a mobile, mail only. Two people may share a number."""

    first_name = TextField()
    last_name = TextField()
    mobile = TextField(null=True)
    email = TextField(null=True, index=True)
    language = TextField(default="fr")
    neighbourhood = ForeignKeyField(Neighbourhood, backref="members", on_delete="RESTRICT", index=False)
    role = TextField(default="member")
    created_at = UtcField()
    updated_at = UtcField()
    welcome_requested_at = UtcField(null=True)
    welcomed_at = UtcField(null=True)
    # Of the mail; `welcomed_at` is of the SMS.
    welcome_mailed_at = UtcField(null=True)
    # E.164, as `mobile`; no SMS of ours goes to them. Empty where it is not known.
    landline = TextField(default="")
    second_number = TextField(default="")
    street = TextField(default="")
    house_number = TextField(default="")
    postal_code = TextField(default="")
    # As `rules.members` writes them.
    quiet_hours = TextField(default="")
    quiet_until = TextField(default="")
    # Made of the columns above (`db.people.members.cards.stored_columns`).
    name_key = TextField(default="")
    searchable = TextField(default="")
    # At their wish kept and written to no more (GDPR, article 18), since then.
    restricted_at = UtcField(null=True)
    neighbourhood_id: int

    class Meta:
        # A list by neighbourhood, of which any page is read without the ones before.
        indexes = ((("neighbourhood", "name_key"), False),)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


# A column that is declared (`rules.members`) and that no code names needs no line above.
for _name, _column in COLUMNS.items():
    if _name not in Member._meta.fields and not _column.apart:
        Member._meta.add_field(_name, TextField(default=""))
# Every page with an alert counts by neighbourhood whom no SMS reaches.
Member.add_index(Member.mobile, Member.neighbourhood, Member.restricted_at, name="member_mobile")
# A list by name, and a search through it, read this index alone: it is a quarter of the table.
Member.add_index(Member.name_key, Member.searchable, name="member_listed")
# An alert to one street reads the spellings of all of them.
Member.add_index(Member.street, name="member_street")


class MemberPlace(Table):
    """A further place of a member: a shop, the house of their parents."""

    member = ForeignKeyField(Member, on_delete="CASCADE")
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="RESTRICT")
    street = TextField(default="")


class Street(Table):
    """A street of the zone's list, or the stretch of it in this neighbourhood."""

    name = TextField()
    folded = TextField(index=True)
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")


class Consent(Table):
    """A member's consent per channel, as last given or withdrawn; earlier answers are in the journal."""

    member = ForeignKeyField(Member, backref="consents", on_delete="CASCADE")
    channel = TextField()
    given = BooleanField()
    at = UtcField()
    how = TextField()
    who = TextField()

    class Meta:
        indexes = ((("member", "channel"), True),)


# The page of members names who left by SMS lately.
Consent.add_index(Consent.how, Consent.at, where=~Consent.given, name="consent_withdrawn")


class MemberCorrection(Table):
    """A coordinator's proposal for a member, one row for a field (`db.people.proposals`)."""

    member = ForeignKeyField(Member, on_delete="CASCADE")
    field = TextField()
    value = TextField()
    proposed_by = TextField()
    proposed_at = UtcField()
    member_id: int

    class Meta:
        indexes = ((("member", "field"), True),)


class Registration(Table):
    """A registration proposed on the public page; with `confirmed_at` it waits for an admin. `token` is a digest;
    `draft` is JSON of a MemberDraft, empty after a refusal; `broadcast` is the SMS with the `code`.
    """

    token = TextField(unique=True)
    mobile = TextField(index=True)
    draft = TextField()
    code = TextField()
    tries = IntegerField(default=0)
    broadcast = IntegerField()
    asked_at = UtcField()
    confirmed_at = UtcField(null=True)


class MemberGroup(Table):
    """People under one name; `by_rule`: looked up at every use, by the other columns and tables, or `everywhere`.
    `rule`, `members` and `reachable` numbers, where they are read."""

    name = TextField(unique=True)
    by_rule = BooleanField(default=False)
    everywhere = BooleanField(default=False)
    # Of a rule: only readers of a language, of a role, and added since; empty where it does not matter.
    language = TextField(default="")
    role = TextField(default="")
    since_at = UtcField(null=True)
    rule: Any
    members: int
    reachable: int


class GroupMember(Table):
    """A person who was added to a group."""

    group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
    member = ForeignKeyField(Member, on_delete="CASCADE")

    class Meta:
        indexes = ((("group", "member"), True),)


class GroupPlace(Table):
    """A neighbourhood whose people a group by rule takes; after two were merged it may occur twice."""

    group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")


class GroupStreet(Table):
    """A street whose people a group by rule takes; `neighbourhood`: only the stretch that lies in it."""

    group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
    name = TextField()
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="CASCADE")


class DeadNumber(Table):
    """A member's `mobile` that gets no alerts: `why` is unassigned or undelivered, `broadcast` the last that failed;
    `told_at`: the coordinator was written to; `dismissed_at`: somebody confirmed it. `is_known`, where it is read: in
    the mail group.
    """

    member = ForeignKeyField(Member, unique=True, on_delete="CASCADE")
    mobile = TextField()
    why = TextField()
    broadcast = IntegerField()
    seen_at = UtcField()
    told_at = UtcField(null=True)
    dismissed_at = UtcField(null=True)
    member_id: int
    is_known: bool


class Renewal(Table):
    """The yearly question to all members whether they stay; those who do not answer by `until_at` may be erased."""

    asked_at = UtcField()
    asked_by = TextField()
    until_at = UtcField()
    ended_at = UtcField(null=True)


class RenewalMember(Table):
    """A member who gets the question, by sms, mail or (empty `channel`) nothing; `answer` is yes, no or empty.
    `ordered_at`: it is in a queue, where `broadcast` and `mail` are its numbers.
    """

    renewal = ForeignKeyField(Renewal, on_delete="CASCADE")
    member = ForeignKeyField(Member, on_delete="CASCADE")
    channel = TextField()
    ordered_at = UtcField(null=True)
    broadcast = IntegerField(null=True, index=True)
    mail = IntegerField(null=True, index=True)
    answer = TextField(default="")
    answered_at = UtcField(null=True)
    how = TextField(default="")
    member_id: int

    class Meta:
        indexes = ((("renewal", "member"), True), (("renewal", "answer"), False))


# Looked up every few seconds: who still has to get the question, and by what.
_waiting = RenewalMember.ordered_at.is_null()
RenewalMember.add_index(RenewalMember.channel, RenewalMember.answer, where=_waiting, name="renewal_due")


class MembersAct(Table):
    """A change of many members, to undo for a day; unfinished it runs or was cut short, as `beat_at` shows."""

    kind = TextField()
    by = TextField()
    at = UtcField()
    beat_at = UtcField()
    finished_at = UtcField(null=True)
    undone_at = UtcField(null=True)
    # JSON, by kind: added, changed, left …
    counts = TextField(default="{}")

    @property
    def counted(self) -> dict[str, int]:
        return dict(json.loads(self.counts))


class MembersActChange(Table):
    """One member in such an act: JSON of [before, after] by column, empty for one that it added."""

    act = ForeignKeyField(MembersAct, on_delete="CASCADE")
    member = ForeignKeyField(Member, on_delete="CASCADE")
    changes = TextField()

    class Meta:
        indexes = ((("act", "member"), True),)


class ListColumns(Table):
    """The fields of the columns of lists with this header, as JSON; `header` is a digest."""

    header = TextField(unique=True)
    columns = TextField()
    at = UtcField()


class Forgotten(Table):
    """The keyed hash of an erased number or address; out of the files since `cleaned_at` (db.operations.retention)."""

    digest = TextField(unique=True)
    at = UtcField()
    cleaned_at = UtcField(null=True)
