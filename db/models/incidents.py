"""Incidents and suspicions, calls of people on duty, runs of jobs, the disk and the clock; and events for programs."""

import json
from datetime import datetime
from typing import Any

from peewee import BigIntegerField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.accounts import Account
from db.models.broadcasts import Broadcast
from rules.states import PartState


class Incident(Table):
    """A fault that is reported to people. `subject` is `host/modem`, a SIM, a host; `reopened` counts its returns."""

    kind = TextField()
    subject = TextField(default="")
    sentence = TextField()
    opened_at = UtcField(index=True)
    ended_at = UtcField(null=True)
    reopened = IntegerField(default=0)


# Unique: of two processes that see the same trouble, the second finds what the first opened.
_lasting = Incident.ended_at.is_null()
Incident.add_index(Incident.kind, Incident.subject, unique=True, where=_lasting, name="incident_open")


class AlarmTold(Table):
    """An incident's beginning, and later its end, went out by this channel of alarms; empty: by every one."""

    incident = ForeignKeyField(Incident, backref="alarms", on_delete="CASCADE")
    channel = TextField()
    told_at = UtcField()
    end_told_at = UtcField(null=True)

    class Meta:
        indexes = ((("incident", "channel"), True),)


class Suspicion(Table):
    """A trouble that becomes an incident if it lasts; its `fault` (`rules.sentences`) holds since `fault_since_at`."""

    kind = TextField()
    subject = TextField(default="")
    since_at = UtcField()
    fault = TextField(default="")
    fault_since_at = UtcField()

    class Meta:
        indexes = ((("kind", "subject"), True),)


class Summons(Table):
    """People on duty are called, one after the other, about all that is open of a `kind`: approval, message, incident.
    `outcome`: empty, answered, opened or over; `mailed_at`: they were written to, since no SMS could go. `subjects`,
    where they are read, are those that nobody opened yet.
    """

    kind = TextField()
    opened_at = UtcField()
    mailed_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    ended_by = TextField(default="")
    outcome = TextField(default="")
    subjects: list[str]
    calls: list["SummonsCall"]


# Unique: of two processes that see the same cause, the second joins what the first began.
Summons.add_index(Summons.kind, unique=True, where=Summons.ended_at.is_null(), name="summons_open")


class SummonsCause(Table):
    """A cause of a summons: the id of a broadcast or a text, or `kind:id` of an incident; `settled_at`: once opened."""

    summons = ForeignKeyField(Summons, backref="causes", on_delete="CASCADE")
    subject = TextField()
    settled_at = UtcField(null=True)
    summons_id: int

    class Meta:
        indexes = ((("summons", "subject"), True),)


class SummonsCall(Table):
    """The call of one person, the `place`-th of its summons; `outcome`: empty, no_answer, answered or unsent. `ring`,
    of the voice call: empty, wanted, ringing, or how it ended. `state` and `sent_at`, where they are read, are its
    SMS's, `mobile` its account's.
    """

    summons = ForeignKeyField(Summons, backref="calls", on_delete="CASCADE")
    place = IntegerField()
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    name = TextField()
    broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
    begun_at = UtcField()
    called_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    outcome = TextField(default="")
    ring = TextField(default="")
    account_id: int | None
    state: PartState | None
    sent_at: datetime | None
    mobile: str

    class Meta:
        indexes = ((("summons", "place"), True),)

    @property
    def shown(self) -> str:
        """A code of what is known of it: an outcome, else waiting, sent or delivered."""
        if self.outcome or self.state in (None, PartState.QUEUED, PartState.SENDING):
            return self.outcome or "waiting"
        return "delivered" if self.state is PartState.DELIVERED else "sent"


SummonsCall.add_index(SummonsCall.id, where=SummonsCall.ring == "wanted", name="call_to_ring")


class JobRun(Table):
    """A daily run. `slot` is the local date; without `ended_at` it is under way, or its process died."""

    name = TextField()
    slot = TextField()
    host = TextField()
    started_at = UtcField()
    ended_at = UtcField(null=True)
    outcome = TextField(default="")

    class Meta:
        indexes = ((("name", "slot"), True),)


class DiskDay(Table):
    """The disk with a host's data on one day (local date). `taken` is JSON: bytes by what takes them (labels.toml)."""

    host = TextField()
    day = TextField()
    measured_at = UtcField()
    total_bytes = BigIntegerField()
    free_bytes = BigIntegerField()
    taken = TextField(default="{}")
    forecast: Any

    class Meta:
        indexes = ((("host", "day"), True),)

    @property
    def largest(self) -> list[tuple[str, int]]:
        """Of `taken`, the largest first."""
        return sorted(json.loads(self.taken).items(), key=lambda one: -one[1])


class LatestTime(Table):
    """One row: the latest time that the jobs saw, to within minutes; a clock that shows less is wrong."""

    at = UtcField()


class Event(Table):
    """A message's new state (`delivery`), or an incident's beginning or end: `subject` is its id, `of` the broadcast's
    or the incident's kind. Nothing says who.
    """

    kind = TextField()
    at = UtcField(index=True)
    subject = IntegerField()
    of = TextField()
    state = TextField()
    # an incident's (`Sentence.stored`)
    sentence = TextField(default="")


class EventMark(Table):
    """The last event that a receiver accepted."""

    receiver = TextField(unique=True)
    event = IntegerField()
