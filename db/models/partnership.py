"""The partnership's papers, the terms of its coordinators, and counts of people that outlive them."""

from peewee import BlobField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.people import Member, Neighbourhood


class PeopleCount(Table):
    """So many people of a neighbourhood registered (`gained`), erased (`lost`), or with a `dead` number; no names."""

    at = UtcField(index=True)
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="SET NULL")
    kind = TextField()
    number = IntegerField()


class Paper(Table):
    """A charter, internal rules, or minutes (`kind`), cleaned as bulletins' files are. Days are ISO dates, empty where
    unknown; `people` are its parties, or the functions that were present.
    """

    kind = TextField()
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="SET NULL")
    day = TextField()
    valid_until = TextField(default="")
    people = TextField(default="")
    filename = TextField(default="")
    media_type = TextField(default="")
    content = BlobField(default=b"")
    added_by = TextField()
    added_at = UtcField()


class Mandate(Table):
    """A coordinator's term, as ISO dates: appointed, checked by the police, ended; empty for what has not been. `name`
    is empty for a person who was forgotten."""

    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
    appointed_on = TextField()
    checked_on = TextField(default="")
    ended_on = TextField(default="")
    member_id: int | None
    neighbourhood_id: int

    @property
    def name(self) -> str:
        return self.member.full_name if self.member is not None else ""

    @property
    def place(self) -> str:
        return self.neighbourhood.name


class YearPlan(Table):
    """The changes in the year after `year`, as typed for its account."""

    year = IntegerField(unique=True)
    text = TextField()
