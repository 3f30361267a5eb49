"""What each SIM was used for, its limits, and which broadcast corrects which. Frozen, like every migration."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField, chunked


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class SimDay(Frozen):
        imsi = TextField()
        day = TextField()
        messages = IntegerField(default=0)
        recipients = IntegerField(default=0)

        class Meta:
            indexes = ((("imsi", "day"), True),)

    class SimRecipient(Frozen):
        imsi = TextField()
        month = TextField()
        msisdn = TextField()
        messages = IntegerField(default=1)
        last_at = DateTimeField()

        class Meta:
            indexes = ((("msisdn", "imsi", "month"), True), (("msisdn", "last_at"), False))

    class SimBudget(Frozen):
        imsi = TextField(unique=True)
        host = TextField()
        modem = TextField()
        configured_day = IntegerField(default=0)
        configured_month = IntegerField(default=0)
        configured_recipients = IntegerField(default=0)
        day = IntegerField(null=True)
        month = IntegerField(null=True)
        recipients = IntegerField(null=True)
        changed_by = TextField(default="")
        changed_at = DateTimeField(null=True)

    class BroadcastThread(Frozen):
        broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
        original = ForeignKeyField(Broadcast, on_delete="CASCADE")

    db.create_tables(Frozen.__subclasses__())

    class Part(Model):
        broadcast = ForeignKeyField(Broadcast)
        simulated = BooleanField(default=False)

        class Meta:
            database = db
            legacy_table_names = False

    Part.add_index(Part.broadcast, where=Part.simulated, name="part_simulated")
    db.create_tables([Part])  # the table is there: only the index is made
    _count_history(db, SimDay, SimRecipient)


def _count_history(db: Any, sim_day: Any, sim_recipient: Any) -> None:
    """What the SIMs sent before they were counted: a month that has begun counts whole."""
    local = ZoneInfo("Europe/Brussels")
    messages: Counter[tuple[str, str]] = Counter()
    first_seen: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str, str], list[Any]] = {}
    rows = db.execute_sql(
        "SELECT a.imsi, a.ended_at, m.msisdn FROM attempt a JOIN part p ON p.id = a.part_id"
        " JOIN message m ON m.id = p.message_id"
        " WHERE a.outcome IN ('sent', 'unconfirmed') AND a.ended_at IS NOT NULL ORDER BY a.ended_at, a.id"
    )
    for imsi, stored, msisdn in rows:
        ended_at = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
        day = ended_at.replace(tzinfo=UTC).astimezone(local).date().isoformat()
        messages[imsi, day] += 1
        known = seen.setdefault((imsi, day[:7], msisdn), [0, ended_at])
        first_seen[imsi, day] += not known[0]
        known[:] = known[0] + 1, ended_at
    days = [
        {"imsi": imsi, "day": day, "messages": count, "recipients": first_seen[imsi, day]}
        for (imsi, day), count in messages.items()
    ]
    people = [
        {"imsi": imsi, "month": month, "msisdn": msisdn, "messages": count, "last_at": last_at}
        for (imsi, month, msisdn), (count, last_at) in seen.items()
    ]
    for table, counted in ((sim_day, days), (sim_recipient, people)):
        for chunk in chunked(counted, 500):
            table.insert_many(chunk).execute()
