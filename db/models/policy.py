"""Decisions of the zone: its policy, approvals, its map, and the drill group."""

from peewee import BooleanField, FloatField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.accounts import Account
from db.models.broadcasts import Broadcast
from db.models.bulletins import Bulletin
from db.models.people import Member, Neighbourhood
from rules.geometry import Ring


class ZonePolicy(Table):
    """One row at most; without it the defaults hold. `approval` is none, typed or second."""

    approval = TextField(default="typed")
    changed_by = TextField(default="")
    changed_at = UtcField(null=True)
    # A mail accompanies every alert, not only one that finds no modem.
    mail_always = BooleanField(default=False)
    # Officers and admins prove themselves with a second factor too.
    second_factor = BooleanField(default=False)
    # After so many hours without a relay the deputy gets a bulletin too; an alert may be followed by a longer version.
    deputy_after_h = IntegerField(default=24)
    longer_alerts = BooleanField(default=False)


class PolicyProposal(Table):
    """A change of the policy that waits for a second admin, one at most. `changes` is JSON: fields of ZonePolicy."""

    changes = TextField()
    asked_by = TextField()
    asked_at = UtcField()


class Approval(Table):
    """A second person's decision: waiting, approved, refused, lapsed or alone. `first_by`: who agreed before them."""

    broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
    outcome = TextField(default="waiting")
    asked_at = UtcField()
    lapses_at = UtcField()
    first_by = TextField(default="")
    decided_by = TextField(default="")
    decided_at = UtcField(null=True)
    reason = TextField(default="")
    told_at = UtcField(null=True)


# Asked twice a second for ever, and by every page.
Approval.add_index(Approval.lapses_at, where=Approval.outcome == "waiting", name="approval_waiting")


class Outline(Table):
    """A neighbourhood on the map: `shape` is a JSON list of `rings` of [longitude, latitude] in degrees (WGS 84)."""

    neighbourhood = ForeignKeyField(Neighbourhood, unique=True, on_delete="CASCADE")
    shape = TextField()
    longitude = FloatField()
    latitude = FloatField()
    imported_by = TextField()
    imported_at = UtcField()
    neighbourhood_id: int
    rings: list[Ring]


class DrillPerson(Table):
    """Somebody of the drill group: a member or a user, never both."""

    member = ForeignKeyField(Member, null=True, unique=True, on_delete="CASCADE")
    account = ForeignKeyField(Account, null=True, unique=True, on_delete="CASCADE")
    added_by = TextField()
    added_at = UtcField()
    member_id: int | None


class DutyShift(Table):
    """Hours of somebody on duty, every week: `days` are ISO weekdays (`12345`), minutes count from midnight in Belgium;
    an end before the beginning is of the next day. `first_day`, `last_day`: dates or empty. `turn`: the order of
    calling.
    """

    account = ForeignKeyField(Account, on_delete="CASCADE")
    days = TextField()
    from_minute = IntegerField()
    until_minute = IntegerField()
    first_day = TextField(default="")
    last_day = TextField(default="")
    turn = IntegerField(default=1)


class Planned(Table):
    """A drill to the drill group, or a bulletin as it was `seen`, at a date; an alert never. `state`: waiting, done,
    missed (the machine was off), refused (`why`) or stopped. A monthly one makes the next. `others` is JSON: texts in
    other languages.
    """

    kind = TextField()
    due_at = UtcField()
    monthly = BooleanField(default=False)
    text = TextField(default="")
    bulletin = ForeignKeyField(Bulletin, null=True, on_delete="CASCADE")
    seen = TextField(default="")
    planned_by = TextField()
    planned_at = UtcField()
    state = TextField(default="waiting")
    why = TextField(default="")
    ended_at = UtcField(null=True)
    broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
    others = TextField(default="{}")


# Asked by the jobs every two seconds.
Planned.add_index(Planned.due_at, where=Planned.state == "waiting", name="planned_waiting")
