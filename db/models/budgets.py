"""Use of each SIM (IMSI) by the operators' calendar, and its limits."""

from peewee import IntegerField, TextField

from db.engine.base import Table, UtcField


class SimDay(Table):
    """One SIM's use on one local day, as `2026-11-24`. `recipients` are those that it had not yet met this month."""

    imsi = TextField()
    day = TextField()
    messages = IntegerField(default=0)
    recipients = IntegerField(default=0)

    class Meta:
        indexes = ((("imsi", "day"), True),)


class SimRecipient(Table):
    """A number that a SIM sent to in a month, as `2026-11`. The newest row of a number names the SIM it knows."""

    imsi = TextField()
    month = TextField()
    msisdn = TextField()
    messages = IntegerField(default=1)
    last_at = UtcField()

    class Meta:
        indexes = ((("msisdn", "imsi", "month"), True), (("msisdn", "last_at"), False))


class SimBudget(Table):
    """A SIM's limits, 0 for none: as configured where it is plugged in, and as a person changed them (null: not)."""

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
    changed_at = UtcField(null=True)
